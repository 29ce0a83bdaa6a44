"""The report of the sweep, its command, and the activity panel of a customer."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from customers.registry.choices import Activity
from customers.registry.models import Customer
from customers.registry.services import record_activity
from deposits.activity.panel import build_activity
from deposits.activity.rule import Rule
from deposits.activity.runs import take_run
from deposits.activity.sweeping import sweep_tenant
from deposits.models import SweepRun
from tenants.models import Tenant, User
from tests.conftest import ClientAs, MakeCustomer, MakeStaff
from tests.deposits.sweeps import DAY, age, state_of, with_account

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
    SweepRun.objects.update(errors=[error], error_count=1, starts=3)
    page = page_of(desk, run)
    for words in ("Done with errors", "lock timeout", "2 times, and taken up again"):
        assert words in page


def test_a_running_one_has_a_page_too(desk: Client, demo_bank: Tenant) -> None:
    page = page_of(desk, take_run(demo_bank, Rule.of(demo_bank)).run)
    assert "Running" in page
    assert "Nobody’s activity changed." in page


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
    call_command("sweep_activity", "--dry-run", "--on", "2026-11-21")
    said = capsys.readouterr().out
    for words in ("nothing was written", "active → inactive: 1", customer.public_id):
        assert words in said
    assert state_of(demo_bank) == before
    assert not SweepRun.objects.exists()
    call_command("sweep_activity", "--on", "2026-11-21", "--tenant", "demo")
    customer.refresh_from_db()
    assert customer.activity == Activity.INACTIVE


def test_the_command_says_what_it_cannot_do(demo_bank: Tenant) -> None:
    with pytest.raises(CommandError, match="There is no institution “nowhere”"):
        call_command("sweep_activity", "--tenant", "nowhere")
    take_run(demo_bank, Rule.of(demo_bank))
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


def test_the_panel_says_who_does_not_count(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    pending = make_customer()
    view = build_activity(pending, setup_machine)
    assert view.empty_fact == "Activity counts once the customer is verified."
    pending.status = "offboarded"
    view = build_activity(pending, setup_machine)
    assert view.empty_fact == "Activity no longer counts: the relationship has ended."
