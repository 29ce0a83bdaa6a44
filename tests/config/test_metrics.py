"""The metrics page: who may read it, what it says, and what it costs."""

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from common.observing.calls import Outcome, Provider, call_of, outcome_of_status
from config.celery import BeatingScheduler, app
from config.observing.counting import begin_counting
from config.observing.standing import MOST_COUNTED, NAMES
from documents.clamav import ScannerUnavailable, scan
from documents.models import HeldChunk
from documents.storage import StoreUnavailableError, fetch
from events.delivery import claim, run
from events.models import Delivery, Heartbeat, NightlyRun, RecordedEvent
from events.services import beat
from kyc.sumsub.client import SumsubClient
from kyc.sumsub.errors import SumsubError
from tenants.models import Tenant, User
from tests.conftest import MakeCustomer
from tests.documents.clamd import fake_clamd, says
from tests.documents.conftest import files_folder as files_folder
from tests.documents.files import pdf, upload
from tests.events.conftest import BoxOpened, PublishOne, Subscribe
from tests.events.conftest import publish_one as publish_one
from tests.events.conftest import subscribe_for_now as subscribe_for_now

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "metrics-token-of-the-tests"
NOBODY = "http://127.0.0.1:1"
Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(autouse=True)
def is_on(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


def ask(authorization: str = f"Bearer {TOKEN}") -> HttpResponse:
    answer: HttpResponse = Client().get(
        "/metrics", headers={"Authorization": authorization}
    )  # type: ignore[assignment]
    return answer


def figures() -> Figures:
    page = ask().content.decode()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def of(found: Figures, name: str, **labels: str) -> float:
    return found.get((f"vestibule_{name}", frozenset(labels.items())), 0.0)


class Rise:
    """How much a figure rises inside the block."""

    def __init__(self, name: str, **labels: str) -> None:
        self.name, self.labels, self.by = name, labels, 0.0

    def __enter__(self) -> Self:
        self._before = of(figures(), self.name, **self.labels)
        return self

    def __exit__(self, *_: object) -> None:
        self.by = of(figures(), self.name, **self.labels) - self._before


# --- who may -------------------------------------------------------------------------
@pytest.mark.django_db
def test_it_is_not_there_without_a_token_of_ours(settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    for sent in ("", "Bearer ", f"Bearer {TOKEN}"):
        assert ask(sent).status_code == 404


@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Bearer wrong", TOKEN, f"bearer {TOKEN}", f"Bearer {TOKEN} ",
             f"Basic {TOKEN}", "Bearer ünïcödé"],
)  # fmt: skip
def test_who_has_not_the_token_learns_nothing(sent: str) -> None:
    answer = Client().get("/metrics", HTTP_AUTHORIZATION=sent)
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.django_db
def test_nobody_signed_in_is_let_in_by_that(admin_client: Client) -> None:
    assert admin_client.get("/metrics").status_code == 401
    assert admin_client.post("/metrics").status_code == 405


# --- what the database knows ---------------------------------------------------------
@pytest.mark.django_db
def test_a_fresh_house_has_its_figures() -> None:
    found = figures()
    assert of(found, "database_up") == 1
    for name in ("deliveries_due", "deliveries_given_up", "held_bytes"):
        assert (f"vestibule_{name}", frozenset()) in found
        assert of(found, name) == 0
    # Never seen is older than any limit.
    assert of(found, "heartbeat_age_seconds", process="worker") > 10**9
    # Nothing has come yet: no figure, rather than one that lies.
    assert ("vestibule_webhook_silence_seconds", frozenset()) not in found


@pytest.mark.django_db
def test_the_outbox(subscribe_for_now: Subscribe, publish_one: PublishOne) -> None:
    subscribe_for_now(lambda _: None)
    now = timezone.now()
    due, late, running, failed = (publish_one() for _ in range(4))
    for delivery, values in (
        (due, {"due_at": now - timedelta(seconds=5)}),
        (late, {"due_at": now - timedelta(seconds=700)}),
        (failed, {"status": "failed", "due_at": now - timedelta(days=3)}),
    ):
        Delivery.objects.filter(pk=delivery.pk).update(**values)
    assert claim(running.pk)
    found = figures()
    assert of(found, "deliveries_due") == 2
    assert 700 <= of(found, "deliveries_oldest_due_seconds") < 720
    assert of(found, "deliveries_running") == 1
    assert of(found, "deliveries_given_up") == 1


@pytest.mark.django_db
def test_heartbeats(setup_machine: User) -> None:
    beat("worker")
    beat("beat")
    past = timezone.now() - timedelta(seconds=200)
    Heartbeat.objects.filter(name="beat").update(seen_at=past)
    beat("something-else")
    found = figures()
    assert of(found, "heartbeat_age_seconds", process="worker") < 30
    assert 200 <= of(found, "heartbeat_age_seconds", process="beat") < 230
    assert of(found, "heartbeat_age_seconds", process="something-else") == 0


def night(tenant: Tenant, name: str, hours_ago: float, minutes: float | None) -> None:
    started = timezone.now() - timedelta(hours=hours_ago)
    ended = None if minutes is None else started + timedelta(minutes=minutes)
    NightlyRun.objects.create(
        tenant=tenant, name=name, counted_on=started.date(), started_at=started,
        finished_at=ended, status="done" if ended else "running",
    )  # fmt: skip


@pytest.mark.django_db
def test_nights_of_whoever_waits_longest(
    demo_bank: Tenant, second_bank: Tenant
) -> None:
    night(demo_bank, "segments", 50, 6)
    night(demo_bank, "segments", 2, 3)
    night(second_bank, "segments", 26, 1)
    night(demo_bank, "quality", 5, 2)
    night(second_bank, "quality", 30, None)  # it never succeeded
    found = figures()
    hours = {
        job: of(found, "nightly_success_age_seconds", nightly=job) / 3600
        for job in ("segments", "quality")
    }
    assert hours["segments"] == pytest.approx(26 - 1 / 60, abs=0.01)
    assert hours["quality"] == pytest.approx(30, abs=0.01)
    assert of(found, "nightly_duration_seconds", nightly="segments") == pytest.approx(
        180
    )
    assert "demo" not in ask().content.decode().lower()


@pytest.mark.django_db
def test_held_bytes_count_each_document_once(
    make_customer: MakeCustomer, setup_machine: User, files_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from documents import storage
    from documents.services import Paper
    from documents.uploads import upload_document

    customer = make_customer()
    monkeypatch.setattr(storage, "default_storage", _Away())
    with Rise("document_uploads_total", source="staff", outcome="held") as held:
        with Rise("provider_calls_total", provider="store", outcome="unreachable") as n:
            document = upload_document(
                customer.pk, Paper(kind="id"), upload(pdf("id"), "id.pdf"),
                by=setup_machine,
            )  # fmt: skip
    HeldChunk.objects.create(document=document, number=1, content=b"more of it")
    assert (held.by, n.by) == (1, 1)
    assert of(figures(), "held_bytes") == document.size


class _Away:
    """A store that nobody reaches."""

    def save(self, *_: object) -> str:
        raise OSError("away")


@pytest.mark.django_db
def test_a_scrape_asks_little_however_much_there_is(
    demo_bank: Tenant, setup_machine: User
) -> None:
    with CaptureQueriesContext(connection) as few:
        ask()
    now = timezone.now()
    records = RecordedEvent.objects.bulk_create(
        RecordedEvent(type="BoxOpened", payload={}, actor=setup_machine, created_at=now)
        for _ in range(MOST_COUNTED + 5)
    )
    for status in ("due", "failed"):
        Delivery.objects.bulk_create(
            Delivery(
                event=record, handler=f"tests.{status}", status=status,
                due_at=now - timedelta(minutes=1), created_at=now,
            )
            for record in records
        )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        found = figures()
    asked = [q["sql"] for q in many if "SAVEPOINT" not in q["sql"]]
    assert len(asked) < 10, asked
    assert len(many) == len(few)
    assert of(found, "deliveries_due") == MOST_COUNTED
    assert of(found, "deliveries_given_up") == MOST_COUNTED


def test_a_database_that_is_down_costs_all_but_one_figure() -> None:
    """In a process of its own, whose database nobody serves."""
    script = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        f"r = Client().get('/metrics', headers={{'Authorization': 'Bearer {TOKEN}'}})\n"
        "print(r.status_code); print(r.content.decode())"
    )
    said = in_a_process(
        script, DATABASE_URL="postgres://nobody:secret-word@127.0.0.1:1/none"
    )
    assert said.startswith("200")
    assert "vestibule_database_up 0.0" in said
    assert "vestibule_deliveries_due" not in said
    assert "secret-word" not in said


# --- what the processes count --------------------------------------------------------
@pytest.mark.django_db
def test_requests_are_counted_by_view_never_by_path() -> None:
    labels = {"view": "config.health.live", "method": "GET", "status": "2xx"}
    with Rise("http_requests_total", **labels) as live:
        Client().get("/health/live?token=one-of-many")
    assert live.by == 1
    with Rise("http_requests_total", view="none", method="OTHER", status="4xx") as odd:
        for n in range(3):
            Client().generic(f"METHOD{n}", f"/nowhere/{n}/")
    assert odd.by == 3
    page = ask().content.decode()
    assert "nowhere" not in page
    assert "METHOD1" not in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "outcome"), [(b"{}", "wrong_digest"), (b"x" * 70_000, "too_large")]
)
def test_callbacks_by_reason(body: bytes, outcome: str) -> None:
    with Rise("webhooks_total", outcome=outcome) as refused:
        Client().post("/webhooks/sumsub", body, content_type="application/json")
    assert refused.by == 1


@pytest.mark.django_db
def test_callbacks_without_a_secret(settings: Any) -> None:
    settings.SUMSUB_WEBHOOK_SECRETS = []
    with Rise("webhooks_total", outcome="no_secret") as refused:
        Client().post("/webhooks/sumsub", b"{}", content_type="application/json")
    assert refused.by == 1


@pytest.mark.django_db
def test_deliveries_by_handler(
    subscribe_for_now: Subscribe, publish_one: PublishOne
) -> None:
    def refuse(_: BoxOpened) -> None:
        raise RuntimeError("no")

    subscribe_for_now(refuse)
    delivery = publish_one()
    labels = {"handler": "tests.open_box", "outcome": "again"}
    with Rise("deliveries_total", **labels) as again:
        with Rise("delivery_lag_seconds_count", attempt="first") as lag:
            assert not run(delivery.pk)
    assert (again.by, lag.by) == (1, 1)
    Delivery.objects.update(due_at=timezone.now(), handler="a.handler.of.long.ago")
    labels = {"handler": "unknown", "outcome": "given_up"}
    with Rise("deliveries_total", **labels) as given_up:
        assert not run(delivery.pk)
    assert given_up.by == 1


@pytest.mark.django_db
def test_gateways_count_how_calls_end(files_folder: Path) -> None:
    labels = {"provider": "sumsub", "outcome": "unreachable"}
    client = SumsubClient(NOBODY, "token", "secret")
    with Rise("provider_calls_total", **labels) as sumsub, pytest.raises(SumsubError):
        client.create_link(level="a", external_user_id="b", ttl_seconds=1)
    assert sumsub.by == 1
    labels = {"provider": "clamav", "outcome": "unreachable"}
    with Rise("provider_calls_total", **labels) as clamav:
        with pytest.raises(ScannerUnavailable):
            scan([b"x"], address="127.0.0.1:1")
    assert clamav.by == 1
    labels = {"provider": "store", "outcome": "refused"}
    with Rise("provider_calls_total", **labels) as store:
        with pytest.raises(StoreUnavailableError):
            fetch("no/such/file")
    assert store.by == 1


@pytest.mark.django_db
def test_scans_by_verdict() -> None:
    with fake_clamd(says(b"stream: Eicar-Test FOUND\0")) as clamd:
        with Rise("document_scans_total", verdict="infected") as infected:
            scan([b"x"], address=clamd.address)
    assert infected.by == 1


def test_an_error_goes_through_and_is_judged_once() -> None:
    judged: list[Exception] = []

    def judge(error: Exception) -> Outcome:
        judged.append(error)
        return Outcome.THROTTLED

    with pytest.raises(RuntimeError), call_of(Provider.SMS, judge):
        raise RuntimeError("slow down")
    assert len(judged) == 1


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(None, "unreachable"), (0, "unreachable"), (200, "ok"), (302, "ok"),
     (400, "refused"), (404, "refused"), (429, "throttled"), (503, "unreachable")],
)  # fmt: skip
def test_what_a_status_counts_as(status: int | None, outcome: str) -> None:
    assert outcome_of_status(status) == outcome


# --- several processes ---------------------------------------------------------------
def in_a_process(script: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        cwd=ROOT,
        env={
            **os.environ,  # noqa: TID251 - passed on
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "METRICS_TOKEN": TOKEN,
            "METRICS_FOLDER": "var/test-metrics",
            **environment,
        },
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


COUNT = """
import django; django.setup()
from common.observing.measures import WEBHOOKS
WEBHOOKS.labels("stored").inc(3)
"""
READ = f"""
import django; django.setup()
from common.observing.measures import WEBHOOKS
WEBHOOKS.labels("stored").inc(1)
from django.test import Client
r = Client().get('/metrics', headers={{'Authorization': 'Bearer {TOKEN}'}})
print(r.content.decode())
"""


def test_the_web_tells_what_other_processes_counted(tmp_path: Path) -> None:
    folder = {
        "METRICS_FOLDER": str(tmp_path / "figures"),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'none.sqlite3'}",
    }
    in_a_process(COUNT, **folder)
    in_a_process(COUNT, **folder)
    said = in_a_process(READ, **folder)
    assert 'vestibule_webhooks_total{outcome="stored"} 7.0' in said
    # A web process that starts clears up after those two, and not after itself.
    wsgi = "import config.wsgi" + READ.removeprefix("\nimport django; django.setup()")
    said = in_a_process(wsgi, **folder)
    assert 'vestibule_webhooks_total{outcome="stored"} 1.0' in said
    assert 'vestibule_provider_calls_total{outcome="ok",provider="sumsub"} 0.0' in said


def test_a_command_that_counts_nothing_leaves_no_file(tmp_path: Path) -> None:
    in_a_process(
        "import django; django.setup(); import config.observing.scrape",
        METRICS_FOLDER=str(tmp_path),
    )
    assert list(tmp_path.iterdir()) == []


def test_only_what_is_of_dead_processes_is_cleared(
    settings: Any, tmp_path: Path
) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    kept = {f"counter_{os.getpid()}.db", "counter_1.db", "counter_odd.db", "other.txt"}
    for name in (*kept, f"counter_{gone.pid}.db", f"histogram_{gone.pid}.db"):
        (tmp_path / name).touch()
    settings.METRICS_DIR = tmp_path
    begin_counting()
    assert {path.name for path in tmp_path.iterdir()} == kept


# --- beat ----------------------------------------------------------------------------
def scheduler(tmp_path: Path) -> BeatingScheduler:
    return BeatingScheduler(app=app, schedule_filename=str(tmp_path / "plan"))


@pytest.mark.django_db(transaction=True)
def test_beat_shows_that_it_lives(tmp_path: Path) -> None:
    plan = scheduler(tmp_path)
    for entry in plan.schedule.values():
        entry.last_run_at = app.now()  # nothing is due now
    plan.tick()
    seen = Heartbeat.objects.get(name="beat").seen_at
    plan.tick()
    assert Heartbeat.objects.get(name="beat").seen_at == seen, "not at every tick"
    plan._shown_at = time.monotonic() - 16
    plan.tick()
    assert Heartbeat.objects.get(name="beat").seen_at > seen


def test_beat_goes_on_without_a_database(tmp_path: Path) -> None:
    """The sweeps are what ends its absence."""
    script = (
        "import django; django.setup()\n"
        "from config.celery import BeatingScheduler, app\n"
        f"plan = BeatingScheduler(app=app, schedule_filename='{tmp_path / 'plan'}')\n"
        "plan._show_life(); print('went on')"
    )
    said = in_a_process(script, DATABASE_URL="postgres://nobody@127.0.0.1:1/none")
    assert said.strip().endswith("went on")


def test_beat_is_the_one_that_celery_starts() -> None:
    assert app.conf.beat_scheduler == "config.celery:BeatingScheduler"


def test_every_figure_has_a_name_of_ours() -> None:
    assert all(name.startswith("vestibule_") for name in NAMES)
