"""Alerts and board in the hands of a real Prometheus that reads the running house."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from pytest_django.live_server_helper import LiveServer

from config.caching.shared import _Either
from config.observing.standing import NAMES
from documents.clamav import scan
from documents.services import Paper
from documents.uploads import upload_document
from events.delivery import run
from events.each_row import going_on
from kyc.sumsub.client import SumsubClient
from kyc.sumsub.errors import SumsubError
from tenants.models import Tenant, User
from tests.config.test_board import BOARD, METRIC, alerts, expressions
from tests.config.test_metrics import night
from tests.conftest import MakeCustomer
from tests.documents.clamd import fake_clamd, says
from tests.documents.conftest import files_folder as files_folder
from tests.documents.files import pdf, upload
from tests.events.conftest import BoxOpened, PublishOne, Subscribe
from tests.events.conftest import publish_one as publish_one
from tests.events.conftest import subscribe_for_now as subscribe_for_now
from tests.house import TIMEOUT, signed
from tests.services.prometheus import (
    ALERTS,
    JOB,
    Prometheus,
    promtool,
    reading,
    wait_until,
)

pytestmark = pytest.mark.service
TOKEN = "metrics-token-of-the-tests-of-prometheus"
NOBODY = "http://127.0.0.1:1"
NO_REDIS = "redis://127.0.0.1:1/0"
Traffic = Callable[[int], None]


# --- alerts --------------------------------------------------------------------------
def test_the_rules_are_sound() -> None:
    done = promtool("check", "rules", str(ALERTS))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(alerts())} rules found" in done.stdout


def test_each_alert_speaks_when_it_should_and_only_then() -> None:
    done = promtool("test", "rules", str(ALERTS.with_name("alerts.test.yml")))
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_threshold_that_is_moved_is_noticed(tmp_path: Path) -> None:
    """The tests of the rules test the rules."""
    rules = ALERTS.read_text(encoding="utf-8")
    cases = ALERTS.with_name("alerts.test.yml").read_text(encoding="utf-8")
    (tmp_path / "alerts.test.yml").write_text(cases, encoding="utf-8")
    moved = rules.replace("> 600", "> 6000")
    assert moved != rules
    (tmp_path / "alerts.yml").write_text(moved, encoding="utf-8")
    assert promtool("test", "rules", str(tmp_path / "alerts.test.yml")).returncode != 0


# --- the page and the board ----------------------------------------------------------
@pytest.fixture
def traffic(
    live_server: LiveServer, make_customer: MakeCustomer, setup_machine: User,
    subscribe_for_now: Subscribe, publish_one: PublishOne, files_folder: Path,
) -> Traffic:  # fmt: skip
    """Let everything happen once that the house counts; the number makes it new."""

    def refuse(_: BoxOpened) -> None:
        raise RuntimeError("no")

    subscribe_for_now(refuse)
    customer = make_customer()
    door = f"{live_server.url}/webhooks/sumsub"

    def happen(number: int) -> None:
        for path in ("/health/live", "/health/ready", "/admin/login/"):
            requests.get(live_server.url + path, timeout=TIMEOUT)
        body = json.dumps({"type": "applicantPending", "applicantId": number}).encode()
        for headers in (signed(body), signed(body), {}):
            requests.post(door, data=body, headers=headers, timeout=TIMEOUT)
        with pytest.raises(SumsubError):
            SumsubClient(NOBODY, "token", "secret").create_link(
                level="a", external_user_id="b", ttl_seconds=1
            )
        assert not run(publish_one(f"box {number}").pk)
        paper = Paper(kind="id")
        file = upload(pdf(f"page {number}"), "id.pdf")
        upload_document(customer.pk, paper, file, by=setup_machine)
        _Either("tests", [NO_REDIS]).get("a", None)
        _Either.away_until = 0.0
        with going_on("tests", f"row {number}"):
            refuse(BoxOpened(box="a"))
        with fake_clamd(says(b"stream: OK\0")) as clamd:
            scan([b"x"], address=clamd.address)

    return happen


@pytest.fixture
def page(settings: Any, live_server: LiveServer, demo_bank: Tenant) -> str:
    settings.METRICS_TOKEN = TOKEN
    night(demo_bank, "tiers", 2, 3)
    return f"{live_server.url}/metrics"


@pytest.fixture
def prometheus(page: str, traffic: Traffic, tmp_path: Path) -> Iterator[Prometheus]:
    """One that has seen two rounds of traffic, so that rates are known."""
    traffic(1)
    with reading(page, TOKEN, tmp_path) as found:
        found.await_scrapes(2)
        traffic(2)
        found.await_scrapes(2)
        yield found


def test_what_the_house_answers_is_sound(page: str, traffic: Traffic) -> None:
    traffic(1)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    said = requests.get(page, headers=headers, timeout=TIMEOUT).text
    done = promtool("check", "metrics", said=said)
    ours = [line for line in done.stdout.splitlines() + done.stderr.splitlines()
            if line.startswith("vestibule_")]  # fmt: skip
    assert not ours
    assert done.returncode in (0, 3), done.stderr  # 3: advice, here about Python's own
    assert all(f"\n# HELP {name} " in f"\n{said}" for name in NAMES)


def test_board_and_alerts_have_answers(prometheus: Prometheus) -> None:
    known = set(prometheus.ask("label/__name__/values"))
    assert set(METRIC.findall(" ".join(expressions()))) <= known
    assert prometheus.ask("label/job/values", **{"match[]": "vestibule_database_up"})
    for title, target in targets():
        expression = target["expr"].replace("$job", ".*")
        found = prometheus.await_answer(expression)
        assert found, f"{title}: nothing for {expression}"
        legend = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
        for series in found:
            assert legend <= {name for name, value in series["metric"].items() if value}
        # What was idle is drawn as a gap, and a list of the slowest leaves it out.
        values = [series["value"][1] for series in found]
        assert set(values) != {"NaN"}, f"{title}: nothing but gaps for {expression}"
        assert "topk" not in expression or "NaN" not in values, title


def test_every_alert_is_evaluated(prometheus: Prometheus) -> None:
    (group,) = prometheus.ask("rules")["groups"]
    rules = {rule["name"]: rule for rule in group["rules"]}
    assert set(rules) == {alert["alert"] for alert in alerts()}
    assert {rule["health"] for rule in rules.values()} == {"ok"}, rules
    # Nobody sweeps here, and beat does not beat: both wait for their two minutes.
    pending = {name for name, rule in rules.items() if rule["state"] != "inactive"}
    assert {"VestibuleWorkerSilent", "VestibuleBeatSilent"} <= pending
    assert "VestibuleMetricsMissing" not in pending
    (up,) = prometheus.query(f'up{{job="{JOB}"}}')
    assert up["value"][1] == "1"


def test_without_its_token_prometheus_learns_nothing(page: str, tmp_path: Path) -> None:
    with reading(page, "another-token", tmp_path) as prometheus:
        wait_until(lambda: bool(prometheus.query(f'up{{job="{JOB}"}} == 0')))
        assert not prometheus.query("vestibule_database_up")


def targets() -> list[tuple[str, dict[str, str]]]:
    panels = json.loads(BOARD.read_text(encoding="utf-8"))["panels"]
    return [(p["title"], target) for p in panels for target in p.get("targets", ())]
