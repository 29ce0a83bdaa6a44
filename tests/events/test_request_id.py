"""The id of a request follows into the workers, and into what their handlers cause."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from common.keys import new_id
from common.observing.request_id import (
    caused_by,
    is_sane,
    made_request_id,
    present_request_id,
)
from customers.registry.models import Customer
from deposits.activity.sweeping import sweep_tenant
from events.delivery import run
from events.events import Event
from events.models import Delivery, RecordedEvent
from events.services import publish, publish_new
from events.sweeps import SWEEPS, Sweep
from events.tasks import run_sweep
from kyc.models import Callback
from tenants.models import Tenant, User
from tests.conftest import INDIVIDUAL_DETAILS, ClientAs, Deliver, MakeStaff
from tests.events.conftest import BoxOpened, PublishOne, Subscribe
from tests.house import path_of

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, kw_only=True)
class LidClosed(Event):
    """A fact that a handler of these tests publishes."""

    box: str


def test_outside_of_requests_there_is_none(setup_machine: User) -> None:
    with transaction.atomic():
        record = publish(BoxOpened(box="a"), by=setup_machine, tenant_id=None)
    assert present_request_id() is None
    record.refresh_from_db()
    assert record.request_id is None


def test_the_handler_acts_in_its_name(
    subscribe_for_now: Subscribe, publish_one: PublishOne, setup_machine: User
) -> None:
    """What the handler logs and publishes bears the id of who caused it."""
    seen: list[Any] = []

    def open_box(event: BoxOpened) -> None:
        seen.append(present_request_id())
        with transaction.atomic():
            publish(LidClosed(box=event.box), by=setup_machine, tenant_id=None)

    subscribe_for_now(open_box)
    with caused_by("request-one"):
        delivery = publish_one()
    with caused_by("of-the-worker"):
        assert run(delivery.pk)
        assert present_request_id() == "of-the-worker"
    assert seen == ["request-one"]
    assert RecordedEvent.objects.get(type="LidClosed").request_id == "request-one"


def test_a_failure_is_logged_in_its_name(
    subscribe_for_now: Subscribe, publish_one: PublishOne
) -> None:
    heard: list[Any] = []

    class Ear(logging.Handler):
        def emit(self, _: logging.LogRecord) -> None:
            heard.append(present_request_id())

    def open_box(_: BoxOpened) -> None:
        raise RuntimeError("no")

    subscribe_for_now(open_box)
    with caused_by("request-two"):
        delivery = publish_one()
    ear, log = Ear(), logging.getLogger("events.delivery")
    log.addHandler(ear)
    try:
        assert not run(delivery.pk)
    finally:
        log.removeHandler(ear)
    assert heard == ["request-two"]


def test_every_way_to_record_keeps_it(setup_machine: User) -> None:
    now = timezone.now()
    row = Callback(body=b"{}", body_sha256="a" * 64, received_at=now)
    usual = {"type": "BoxOpened", "payload": {}, "actor": setup_machine}
    with caused_by("request-three"):
        publish_new(BoxOpened(box="b"), rows=[row], by=setup_machine, tenant_id=None)
        RecordedEvent.objects.bulk_create([RecordedEvent(created_at=now, **usual)])
        RecordedEvent.objects.create(created_at=now, **usual)
    kept = list(RecordedEvent.objects.values_list("request_id", flat=True))
    assert kept == ["request-three"] * 3


@pytest.mark.django_db(transaction=True)
def test_the_one_statement_of_the_door_keeps_it(setup_machine: User) -> None:
    """Outside a transaction PostgreSQL is given one statement for all rows."""
    row = Callback(body=b"{}", body_sha256="b" * 64, received_at=timezone.now())
    with caused_by("request-four"):
        publish_new(BoxOpened(box="c"), rows=[row], by=setup_machine, tenant_id=None)
    assert RecordedEvent.objects.get().request_id == "request-four"


def test_a_stored_id_is_not_replaced(setup_machine: User) -> None:
    record = RecordedEvent(
        type="BoxOpened", payload={}, actor=setup_machine, created_at=timezone.now(),
        request_id="kept-as-it-is",
    )  # fmt: skip
    with caused_by("another-one"):
        record.save(force_insert=True)
    record.refresh_from_db()
    assert record.request_id == "kept-as-it-is"


def test_a_sweep_has_one_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str | None] = []
    sweep = Sweep("tests", 1.0, lambda: seen.append(present_request_id()))
    monkeypatch.setitem(SWEEPS, "tests", sweep)
    run_sweep("tests")
    run_sweep("tests")
    assert all(seen)
    assert len(set(seen)) == 2


def test_rows_moved_in_bulk_keep_it(
    demo_bank: Tenant, make_customer: Any, deliver: Deliver
) -> None:
    customer = make_customer(verified=True)
    deliver()
    today = (timezone.now() + timedelta(days=3000)).date()
    with caused_by("the-sweep-itself"):
        sweep_tenant(demo_bank, counted_on=today)
    moved = RecordedEvent.objects.filter(type="ActivityChanged")
    newest = moved.filter(subject_id=str(customer.pk)).order_by("created_at").last()
    assert newest is not None
    assert newest.request_id == "the-sweep-itself"


# --- at the door ---------------------------------------------------------------------
@pytest.mark.parametrize("is_trusted", [True, False])
def test_the_answer_bears_it(settings: Any, *, is_trusted: bool) -> None:
    settings.TRUST_REQUEST_ID = is_trusted
    given = "proxy-7f3a.0001"
    answer = Client().get("/health/live", headers={"X-Request-ID": given})
    assert (answer["X-Request-ID"] == given) is is_trusted
    assert is_sane(answer["X-Request-ID"])


@pytest.mark.parametrize(
    "given",
    ["", "short", "a" * 65, "has blank in it", "line\nbreak", "semi;colon",
     "<script>alert", "-begins-wrong", "ünïcödé-id", "../../../etc"],
)  # fmt: skip
def test_what_is_no_sane_id_is_not_taken(settings: Any, given: str) -> None:
    settings.TRUST_REQUEST_ID = True
    assert not is_sane(given)
    answer = Client().get("/health/live", HTTP_X_REQUEST_ID=given)
    assert answer["X-Request-ID"] != given
    assert is_sane(answer["X-Request-ID"])


def test_two_requests_are_two() -> None:
    ids = {Client().get("/health/live")["X-Request-ID"] for _ in range(3)}
    assert len(ids) == 3
    assert is_sane(made_request_id())
    assert present_request_id() is None


def test_from_the_click_to_the_last_event(
    client_as: ClientAs, make_staff: MakeStaff, deliver: Deliver
) -> None:
    """A customer registered by a click: what the workers make of it bears the id."""
    clerk = client_as(make_staff("client_facing"))
    person = {
        "id": uuid4(), "customer_type": "INDIVIDUAL", "entity_type": "individual",
        "channel": "agent", "name": "Ama Mensah", "email": "ama@mail.example",
        "phone": "+233244199999", **INDIVIDUAL_DETAILS,
    }  # fmt: skip
    answer = clerk.post(path_of("registry_customer_add"), person)
    customer = Customer.objects.get()
    deliver()
    rows = RecordedEvent.objects.filter(subject_id=str(customer.pk))
    assert rows.count() > 1
    assert set(rows.values_list("request_id", flat=True)) == {answer["X-Request-ID"]}
    assert not Delivery.objects.exclude(status="done").exists()


def test_old_rows_have_none(setup_machine: User) -> None:
    """An event of a release before, written without the column."""
    with connection.cursor() as cursor:
        value = new_id().hex if connection.vendor == "sqlite" else str(new_id())
        actor = setup_machine.pk
        actor = actor.hex if connection.vendor == "sqlite" else actor
        cursor.execute(
            "INSERT INTO events_recordedevent"
            " (id, type, payload, subject_id, actor_id, reason, is_restricted,"
            " created_at)"
            " VALUES (%s, 'BoxOpened', '{}', '', %s, '', %s, %s)",
            [value, actor, False, timezone.now()],
        )
    assert RecordedEvent.objects.get().request_id is None
