"""The report of the sweep, its command, and the activity panel of a customer."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from customers.registry.choices import Activity
from customers.registry.models import Customer
from customers.registry.services import record_activity
from deposits.activity.keeping import Sweep
from deposits.activity.months import MONTHS, by_month
from deposits.activity.panel import build_activity
from deposits.activity.sweeping import sweep_tenant
from deposits.models import SweepRun
from events.models import NightlyRun, RecordedEvent
from tenants.models import Tenant, User
from tests.conftest import ClientAs, MakeCustomer, MakeStaff
from tests.deposits.sweeps import DAY, age, begun, state_of, with_account

pytestmark = pytest.mark.django_db
LIST = "admin:deposits_sweeprun_changelist"


@pytest.fixture
def desk(client_as: ClientAs, make_staff: MakeStaff) -> Client:
    return client_as(make_staff("compliance_officer"))


def page_of(client: Client, run: SweepRun) -> str:
    answer = client.get(reverse("admin:deposits_sweeprun_change", args=[run.pk]))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_before_the_first_night_the_list_says_so(desk: Client) -> None:
    answer = desk.get(reverse(LIST))
    assert "No sweep yet." in answer.content.decode()


def test_the_report_counts_and_names_nobody(
    desk: Client, make_customer: MakeCustomer, demo_bank: Tenant
) -> None:
    customer = age(make_customer(verified=True), 400)
    with_account(customer)
    run = sweep_tenant(demo_bank, DAY)
    page = page_of(desk, run)
    for words in ("Active → inactive", customer.public_id, "Everybody could be dealt"):
        assert words in page
    assert customer.name not in page
    assert reverse("admin:registry_customer_change", args=[customer.pk]) in page
    listed = desk.get(reverse(LIST)).content.decode()
    assert "21 Nov 2026" in listed
    assert customer.name not in listed


def test_a_report_shows_errors_and_that_it_was_broken_off(
    desk: Client, demo_bank: Tenant
) -> None:
    run = sweep_tenant(demo_bank, DAY)
    error = {"customer": "1000-0048", "error": "lock timeout"}
    SweepRun.objects.update(errors=[error], error_count=1)
    NightlyRun.objects.update(starts=3)
    page = page_of(desk, run)
    for words in ("Done with errors", "lock timeout", "2 times, and taken up again"):
        assert words in page


@pytest.mark.parametrize(
    ("columns", "word"),
    [
        ({}, "Running"),
        ({"leased_until": datetime(2026, 1, 1, tzinfo=UTC)}, "Broken off"),
        (
            {"leased_until": datetime(2026, 1, 1, tzinfo=UTC), "last_error": "No disk"},
            "Failed",
        ),
    ],
)
def test_one_that_is_not_done_has_a_page_too(
    columns: dict[str, Any], word: str, desk: Client, demo_bank: Tenant
) -> None:
    night = begun(demo_bank, **columns)
    page = page_of(desk, Sweep.of(night).kept)
    assert word in page
    assert "Nobody’s activity changed." in page
    assert reverse("admin:events_nightlyrun_change", args=[night.run.pk]) in page


@pytest.mark.parametrize("role", ["client_facing", "teller", "administrator"])
def test_whoever_may_not_see_reports_meets_a_wall(
    role: str, client_as: ClientAs, make_staff: MakeStaff, demo_bank: Tenant
) -> None:
    run = sweep_tenant(demo_bank, DAY)
    client = client_as(make_staff(role))
    for url in (
        reverse(LIST),
        reverse("admin:deposits_sweeprun_change", args=[run.pk]),
    ):
        assert client.get(url).status_code == 403


def test_another_institutions_report_is_not_found(
    desk: Client, second_bank: Tenant
) -> None:
    run = sweep_tenant(second_bank, DAY)
    url = reverse("admin:deposits_sweeprun_change", args=[run.pk])
    assert desk.get(url).status_code == 404


# --- the command --------------------------------------------------------------------
def test_the_dry_run_prints_the_report_and_writes_nothing(
    make_customer: MakeCustomer, demo_bank: Tenant, capsys: Any
) -> None:
    customer = age(make_customer(verified=True), 400)
    with_account(customer)
    before = state_of(demo_bank)
    today = demo_bank.today.isoformat()
    call_command("sweep_activity", "--dry-run", "--on", today)
    said = capsys.readouterr().out
    for words in ("nothing was written", "active → inactive: 1", customer.public_id):
        assert words in said
    assert state_of(demo_bank) == before
    assert not SweepRun.objects.exists()
    call_command("sweep_activity", "--on", today, "--tenant", "demo")
    customer.refresh_from_db()
    assert customer.activity == Activity.INACTIVE


def test_nobody_is_moved_by_a_day_to_come(
    make_customer: MakeCustomer, demo_bank: Tenant, capsys: Any
) -> None:
    customer = age(make_customer(verified=True), 300)
    before = state_of(demo_bank)
    ahead = (demo_bank.today + timedelta(days=366)).isoformat()
    with pytest.raises(CommandError, match="is yet to come; only --dry-run may"):
        call_command("sweep_activity", "--on", ahead)
    assert state_of(demo_bank) == before
    call_command("sweep_activity", "--dry-run", "--on", ahead)
    assert customer.public_id in capsys.readouterr().out


def test_after_the_night_the_dry_run_shows_the_next(
    demo_bank: Tenant, capsys: Any
) -> None:
    today = demo_bank.today
    call_command("sweep_activity", "--dry-run")
    assert today.isoformat() in capsys.readouterr().out
    sweep_tenant(demo_bank)
    call_command("sweep_activity", "--dry-run")
    assert (today + timedelta(days=1)).isoformat() in capsys.readouterr().out


def test_the_command_says_what_it_cannot_do(demo_bank: Tenant) -> None:
    with pytest.raises(CommandError, match="There is no institution “nowhere”"):
        call_command("sweep_activity", "--tenant", "nowhere")
    begun(demo_bank)
    with pytest.raises(CommandError, match="is running already"):
        call_command("sweep_activity")


# --- the panel ----------------------------------------------------------------------
def rows_of(customer: Customer, user: User) -> dict[str, tuple[str, str]]:
    rows = build_activity(customer, user).rows
    return {row["title"]: (row.get("meta", ""), row["value"]) for row in rows}


def last_active(customer: Customer, day: date, activity: str) -> Customer:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    Customer.objects.filter(pk=customer.pk).update(
        last_activity_at=at, activity=activity
    )
    customer.refresh_from_db()
    return customer


def test_the_panel_tells_the_days(
    make_customer: MakeCustomer, setup_machine: User, demo_bank: Tenant
) -> None:
    customer = make_customer(verified=True)
    assert rows_of(customer, setup_machine)["Turns active"][1] == "with the next sweep"
    record_activity(customer.pk, by=setup_machine, reason="Came by")
    customer.refresh_from_db()
    rows = rows_of(customer, setup_machine)
    assert rows["Last activity"][0] == "Activity recorded"
    assert list(rows) == ["Last activity", "Turns inactive", "Turns suspended"]
    day = demo_bank.today - timedelta(days=366)
    rows = rows_of(last_active(customer, day, "active"), setup_machine)
    assert rows["Turns inactive"][1] == "with the next sweep"
    rows = rows_of(last_active(customer, day, "inactive"), setup_machine)
    assert "Inactive since" in rows


def test_the_months_of_two_years(
    desk: Client, make_customer: MakeCustomer, setup_machine: User, demo_bank: Tenant
) -> None:
    customer = make_customer(verified=True)
    record_activity(customer.pk, by=setup_machine, reason="Came by")
    record_activity(customer.pk, by=setup_machine, reason="Came again")
    record_activity(
        make_customer(verified=True).pk, by=setup_machine, reason="Somebody else"
    )
    months = by_month(customer)
    assert len({month.begins for month in months}) == MONTHS
    assert [month.operations for month in months] == [2] + [0] * (MONTHS - 1)
    assert months[0].begins == demo_bank.today.replace(day=1)
    page = desk.get(reverse("admin:deposits_activity_months", args=[customer.pk]))
    assert "No system reports amounts yet." in page.content.decode()
    assert build_activity(customer, setup_machine).url == page.request["PATH_INFO"]


def test_a_month_begins_at_the_institutions_midnight(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer(verified=True)
    customer.tenant.time_zone = "Pacific/Auckland"
    record_activity(customer.pk, by=setup_machine, reason="Came by")
    begins = by_month(customer)[0].begins
    early = datetime.combine(begins, time(0, 30), tzinfo=ZoneInfo("Pacific/Auckland"))
    RecordedEvent.objects.filter(type="ActivityRecorded").update(created_at=early)
    assert early.astimezone(UTC).date() < begins
    assert by_month(customer)[0].operations == 1


def test_the_panel_says_who_does_not_count(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    pending = make_customer()
    view = build_activity(pending, setup_machine)
    assert view.empty_fact == "Activity counts once the customer is verified."
    pending.status = "offboarded"
    view = build_activity(pending, setup_machine)
    assert view.empty_fact == "Activity no longer counts: the relationship has ended."
