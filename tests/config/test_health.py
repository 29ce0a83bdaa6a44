"""The probes tell which part is unwell, and nothing else."""

import json
import os
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from events.delivery import claim
from events.models import Delivery, Heartbeat
from events.services import beat, publish
from tenants.models import User
from tests.conftest import MakeCustomer
from tests.events.conftest import BoxOpened

ROOT = Path(__file__).resolve().parent.parent.parent


def ready() -> tuple[int, dict[str, Any]]:
    response = Client().get("/health/ready")
    return response.status_code, response.json()


def unwell(body: dict[str, Any]) -> list[str]:
    parts = [name for name in body if name != "status"]
    return [name for name in parts if not body[name]["ok"]]


@pytest.fixture
def well(db: None) -> None:
    """Let a worker have shown itself just now."""
    beat("worker")


@pytest.fixture
def delivery(setup_machine: User) -> Delivery:
    """Return a delivery that is due."""
    with transaction.atomic():
        record = publish(BoxOpened(box="a"), by=setup_machine, tenant_id=None)
    now = timezone.now()
    return Delivery.objects.create(
        event=record, handler="tests.open_box", due_at=now, created_at=now
    )


def test_alive_without_anything() -> None:
    """No database, no session: a process that serves is alive."""
    response = Client().get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_all_is_well(well: None) -> None:
    status, body = ready()
    assert status == 200, body
    assert body["status"] == "ok"
    assert set(body) == {"status", "database", "broker", "worker", "deliveries"}
    assert unwell(body) == []


@pytest.mark.django_db
def test_a_worker_that_never_came() -> None:
    status, body = ready()
    assert (status, body["status"], unwell(body)) == (503, "unavailable", ["worker"])


@pytest.mark.parametrize(("seconds", "is_well"), [(55, True), (61, False)])
def test_a_worker_that_fell_silent(well: None, seconds: int, *, is_well: bool) -> None:
    Heartbeat.objects.update(seen_at=timezone.now() - timedelta(seconds=seconds))
    status, body = ready()
    assert (status == 200) is is_well
    assert unwell(body) == ([] if is_well else ["worker"])


@pytest.mark.parametrize(("seconds", "is_well"), [(290, True), (301, False)])
def test_a_delivery_that_nobody_takes(
    well: None, delivery: Delivery, seconds: int, *, is_well: bool
) -> None:
    Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=seconds))
    status, body = ready()
    assert (status == 200) is is_well
    assert unwell(body) == ([] if is_well else ["deliveries"])
    assert body["deliveries"]["oldest_due_seconds"] >= seconds


def test_what_is_being_done_waits_for_nobody(well: None, delivery: Delivery) -> None:
    Delivery.objects.update(due_at=timezone.now() - timedelta(hours=1))
    assert claim(delivery.pk)
    assert ready()[0] == 200
    Delivery.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert unwell(ready()[1]) == ["deliveries"]


def test_what_was_given_up_is_counted_but_no_reason_to_restart(
    well: None, delivery: Delivery
) -> None:
    Delivery.objects.update(
        status=Delivery.Status.FAILED, due_at=timezone.now() - timedelta(days=1)
    )
    status, body = ready()
    assert (status, body["deliveries"]["given_up"]) == (200, 1)


def test_a_broker_that_is_down(well: None, settings: LazySettings) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{port}/0"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1}
    started = time.monotonic()
    status, body = ready()
    assert (status, unwell(body)) == (503, ["broker"])
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    "address",
    ["redis://127.0.0.1:1/no-number", "redis://127.0.0.1:99999/0", "nonsense://x",
     "rediss://127.0.0.1:1/0?ssl_cert_reqs=nonsense", "zookeeper://127.0.0.1:1",
     "amqp://127.0.0.1:1//", "redis://nowhere.invalid/0"],
)  # fmt: skip
def test_an_address_that_is_no_brokers(
    well: None, settings: LazySettings, address: str
) -> None:
    """The probe says so; an error page would hide what else is unwell."""
    settings.CELERY_BROKER_URL = address
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1}
    status, body = ready()
    assert (status, unwell(body)) == (503, ["broker"])


def test_a_database_that_is_down() -> None:
    """In a process of its own, whose database nobody serves."""
    script = (
        "import django, json; django.setup()\n"
        "from django.test import Client\n"
        "r = Client().get('/health/ready')\n"
        "live = Client().get('/health/live').status_code\n"
        "print(json.dumps([r.status_code, r.json(), live]))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        cwd=ROOT,
        env={
            **os.environ,  # noqa: TID251 - passed on
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": "postgres://nobody:secret-word@127.0.0.1:1/none",
        },
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    status, body, live = json.loads(done.stdout.splitlines()[-1])
    assert (status, body["status"], unwell(body)) == (503, "unavailable", ["database"])
    assert live == 200
    assert "secret-word" not in done.stdout


def test_a_probe_changes_nothing(well: None) -> None:
    for path in ("/health/live", "/health/ready"):
        assert Client().post(path).status_code == 405
        assert Client().head(path).status_code == 200


def test_a_probe_needs_no_session_and_tells_no_names(
    well: None, make_customer: MakeCustomer
) -> None:
    customer = make_customer()
    response = Client().get("/health/ready")
    assert not response.cookies
    assert customer.name not in response.content.decode()
    assert "redis" not in response.content.decode()
