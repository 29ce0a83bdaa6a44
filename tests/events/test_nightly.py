"""Nightly jobs: windows, resumption, one at a time, the hour, and failures."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db.utils import OperationalError
from django.utils import timezone

from common.errors import DomainError
from customers.registry.models import Customer
from events import nightly
from events.models import NightlyRun
from events.nightly import (
    NIGHTLIES,
    LostNightError,
    Nightly,
    run_nightlies,
    run_nightly,
)
from tenants.models import Tenant, User
from tenants.services import change_policy
from tests.conftest import MakeCustomer
from tests.events.nightly_jobs import NAME, register

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _only_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other apps' jobs have tests of their own."""
    monkeypatch.setattr(nightly, "NIGHTLIES", NIGHTLIES)
    for name in list(NIGHTLIES):
        monkeypatch.delitem(NIGHTLIES, name)


@pytest.fixture
def people(make_customer: MakeCustomer, demo_bank: Tenant) -> list[Customer]:
    return [make_customer() for _ in range(5)]


def named(tenant: Tenant) -> list[str]:
    rows = Customer.objects.for_tenant(tenant.pk).order_by("pk")
    return list(rows.values_list("status_reason", flat=True))


def fail_once(at: int, error: Exception) -> Callable[[int], None]:
    """Raise in the window of that number, the first time it is reached."""
    seen = iter(range(1000))

    def on_window(_stage: int) -> None:
        if next(seen) == at:
            raise error

    return on_window


def expire() -> None:
    """What two minutes do to the run of a process that died."""
    past = timezone.now() - timedelta(seconds=1)
    NightlyRun.objects.filter(status="running").update(leased_until=past)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_windows_meet_each_row_once_in_each_stage(
    size: int, people: list[Customer], demo_bank: Tenant
) -> None:
    register(size)
    run = run_nightly(NAME, demo_bank)
    assert named(demo_bank) == ["first second"] * 5
    assert run.status == "done"
    assert run.figures == {"first": 5, "second": 5}
    assert (run.lease, run.last_error) == (None, "")
    assert run.starts == 1


def test_nobody_at_all_is_an_empty_window(demo_bank: Tenant) -> None:
    register(2)
    assert run_nightly(NAME, demo_bank).figures == {"first": 0, "second": 0}


def test_who_comes_meanwhile_belongs_to_the_last_window(
    people: list[Customer], demo_bank: Tenant, make_customer: MakeCustomer
) -> None:
    late: list[Customer] = []

    def let_one_come(_stage: int) -> None:
        if not late:
            late.append(make_customer())

    register(2, let_one_come)
    run_nightly(NAME, demo_bank)
    assert named(demo_bank) == ["first second"] * 6


@pytest.mark.parametrize("at", range(6))
def test_a_failure_is_kept_and_the_next_start_goes_on(
    at: int, people: list[Customer], demo_bank: Tenant
) -> None:
    register(2, fail_once(at, OperationalError("the disk\nis full")))
    with pytest.raises(OperationalError):
        run_nightly(NAME, demo_bank)
    run = NightlyRun.objects.get()
    assert run.last_error == "OperationalError: the disk"
    assert run.status == "running"
    taken_up = run_nightly(NAME, demo_bank)
    assert taken_up.pk == run.pk
    assert (taken_up.status, taken_up.starts) == ("done", 2)
    assert taken_up.last_error == ""
    assert taken_up.figures == {"first": 5, "second": 5}
    assert named(demo_bank) == ["first second"] * 5


def test_an_error_without_words_is_named(demo_bank: Tenant) -> None:
    register(2, fail_once(0, AssertionError()))
    with pytest.raises(AssertionError):
        run_nightly(NAME, demo_bank)
    assert NightlyRun.objects.get().last_error == "AssertionError"


def test_a_run_of_yesterday_is_finished_first_with_its_day(
    people: list[Customer], demo_bank: Tenant
) -> None:
    register(2, fail_once(1, ValueError("cut")))
    with pytest.raises(ValueError, match="cut"):
        run_nightly(NAME, demo_bank, counted_on=DAY)
    done = run_nightly(NAME, demo_bank, counted_on=DAY + timedelta(days=1))
    assert done.counted_on == DAY + timedelta(days=1)
    days = NightlyRun.objects.order_by("counted_on").values_list("counted_on", "status")
    assert list(days) == [(DAY, "done"), (done.counted_on, "done")]


def test_one_at_a_time_and_after_the_lease_another(
    people: list[Customer], demo_bank: Tenant
) -> None:
    refused: list[str] = []

    def start_another(_stage: int) -> None:
        with pytest.raises(DomainError) as refusal:
            run_nightly(NAME, demo_bank)
        refused.append(refusal.value.message)

    register(5, start_another)
    run_nightly(NAME, demo_bank)
    assert set(refused) == {"Tests naming of Demo Bank is running already."}
    assert NightlyRun.objects.count() == 1


def test_who_lost_the_run_leaves_no_trace(
    people: list[Customer], demo_bank: Tenant
) -> None:
    windows: list[int] = []

    def lose_the_second(stage: int) -> None:
        windows.append(stage)
        if len(windows) == 2:
            NightlyRun.objects.update(lease=uuid4())

    register(2, lose_the_second)
    with pytest.raises(LostNightError):
        run_nightly(NAME, demo_bank)
    assert named(demo_bank) == ["first"] * 2 + [""] * 3
    run = NightlyRun.objects.get()
    assert run.figures == {"first": 2}
    assert run.last_error == ""


def test_the_lease_grows_with_each_window(
    people: list[Customer], demo_bank: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends: list[datetime] = []
    register(1, lambda _: ends.append(NightlyRun.objects.get().leased_until))  # type: ignore[arg-type]
    run_nightly(NAME, demo_bank)
    assert ends == sorted(set(ends))


def test_another_bank_is_untouched(
    people: list[Customer], demo_bank: Tenant, second_bank: Tenant,
    make_customer: MakeCustomer,
) -> None:  # fmt: skip
    make_customer(tenant=second_bank)
    register(2)
    run_nightly(NAME, demo_bank)
    assert named(second_bank) == [""]
    assert not NightlyRun.objects.for_tenant(second_bank.pk).exists()


# --- by the clock -----------------------------------------------------------------
@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[datetime], None]]:
    """Let it be another moment."""

    def be(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    yield be


def test_the_hour_is_that_of_the_institution(
    demo_bank: Tenant, second_bank: Tenant, setup_machine: User,
    at: Callable[[datetime], None],
) -> None:  # fmt: skip
    for bank, zone in ((demo_bank, "UTC"), (second_bank, "Asia/Tokyo")):
        change_policy(bank.pk, by=setup_machine, reason="Zone", time_zone=zone)
    register(2)
    at(datetime(2026, 11, 20, 17, 59, tzinfo=UTC))  # 02:59 in Tokyo
    demo_done = {"tenant": demo_bank, "counted_on": date(2026, 11, 20)}
    assert run_nightlies() == 1  # it is long past three in London
    assert NightlyRun.objects.filter(**demo_done).exists()
    at(datetime(2026, 11, 20, 18, 0, tzinfo=UTC))  # 03:00 in Tokyo, the day after
    assert run_nightlies() == 1
    assert NightlyRun.objects.get(tenant=second_bank).counted_on == DAY
    assert run_nightlies() == 0
    at(datetime(2026, 11, 21, 2, 59, tzinfo=ZoneInfo("UTC")))
    assert run_nightlies() == 0
    at(datetime(2026, 11, 21, 3, 0, tzinfo=ZoneInfo("UTC")))
    assert run_nightlies() == 1
    assert NightlyRun.objects.filter(tenant=demo_bank).count() == 2


def test_one_banks_failure_is_not_the_next_ones(
    people: list[Customer], demo_bank: Tenant, second_bank: Tenant,
    at: Callable[[datetime], None],
) -> None:  # fmt: skip
    at(datetime(2026, 11, 21, 5, tzinfo=UTC))
    register(2, fail_once(0, ValueError("bad row")))
    assert run_nightlies() == 1
    failed = NightlyRun.objects.get(status="running")
    assert failed.last_error == "ValueError: bad row"
    at(datetime(2026, 11, 21, 6, tzinfo=UTC))
    assert run_nightlies() == 1
    assert not NightlyRun.objects.exclude(status="done").exists()


# --- by hand ----------------------------------------------------------------------
def test_the_command_runs_one_job(
    people: list[Customer], demo_bank: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    register(2)
    call_command("run_nightly", NAME, tenant="demo", on=DAY)
    assert NightlyRun.objects.get().counted_on == DAY
    assert "Demo Bank, 2026-11-21: first 5, second 5" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["tests_sleeping"],
            "no nightly job “tests_sleeping”; there are: tests_naming",
        ),
        ([NAME, "--tenant", "nowhere"], "no institution “nowhere”"),
    ],
)
def test_the_command_says_what_it_does_not_know(
    words: list[str], sentence: str, demo_bank: Tenant
) -> None:
    register(2)
    with pytest.raises(CommandError, match=sentence):
        call_command("run_nightly", *words)


def test_the_command_is_refused_while_one_runs(demo_bank: Tenant) -> None:
    register(2)
    now = timezone.now()
    NightlyRun.objects.create(
        tenant=demo_bank, name=NAME, counted_on=DAY, started_at=now,
        leased_until=now + timedelta(minutes=1),
    )  # fmt: skip
    with pytest.raises(CommandError, match="running already"):
        call_command("run_nightly", NAME)


def test_a_job_is_registered_under_its_name() -> None:
    def nothing(_: Any) -> None:
        """Do nothing."""

    job = nightly.nightly("tests_nothing", hour=1)(nothing)
    assert NIGHTLIES["tests_nothing"] == Nightly("tests_nothing", 1, job)
    assert NIGHTLIES["tests_nothing"].title == "Tests nothing"
