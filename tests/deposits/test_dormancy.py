"""A longer term of dormancy: compliance is told and ends it; the sweep never does."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.errors import DomainError, NotForYouError
from customers.registry.board import build_board
from customers.registry.models import Customer, Task
from customers.registry.services import close_task, record_activity
from deposits.activity.ending import REASON, end_deeds, end_dormancy
from deposits.activity.finding import NOT_DORMANT, foresee
from deposits.activity.panel import build_activity
from deposits.activity.rule import Rule
from deposits.activity.sweeping import sweep_tenant
from events.models import RecordedEvent
from tenants.models import Tenant, User
from tenants.services import change_policy, get_machine
from tests.conftest import ClientAs, MakeCustomer
from tests.deposits.sweeps import DAY, age, state_of, with_account

pytestmark = pytest.mark.django_db
WORDS = "not dormant under the present policy"


def policy(bank: Tenant, suspended_after_days: int) -> None:
    change_policy(
        bank.pk, by=get_machine("setup"), reason="Escheatment law",
        inactive_after_days=300, suspended_after_days=suspended_after_days,
    )  # fmt: skip
    bank.refresh_from_db()


def make_dormant(make_customer: MakeCustomer, bank: Tenant) -> Customer:
    customer = make_customer(verified=True)
    with_account(customer)
    age(customer, 400, "inactive")
    sweep_tenant(bank, DAY)
    customer.refresh_from_db()
    assert customer.activity == customer.accounts.get().status == "suspended"
    return customer


@pytest.fixture
def dormant(make_customer: MakeCustomer, demo_bank: Tenant) -> Customer:
    """Suspended by the sweep after 365 days; after 730 they would not be."""
    policy(demo_bank, 365)
    customer = make_dormant(make_customer, demo_bank)
    policy(demo_bank, 730)
    return customer


def reasons(customer: Customer) -> list[str]:
    open_ones = Task.objects.open().filter(customer=customer).order_by("pk")
    return list(open_ones.values_list("reason", flat=True))


def url_of(customer: Customer) -> str:
    return reverse("admin:deposits_activity_end_dormancy", args=[customer.pk])


# --- the night --------------------------------------------------------------------
def test_the_sweep_leaves_them_suspended_and_tells_compliance(
    dormant: Customer, demo_bank: Tenant, officer: User, clerk: User
) -> None:
    before = state_of(demo_bank)
    run = sweep_tenant(demo_bank, DAY)
    assert (run.changes, run.accounts_changed, run.examples) == ({}, 0, [])
    assert state_of(demo_bank) == before
    assert reasons(dormant) == ["dormant", NOT_DORMANT]
    task = Task.objects.get(reason=NOT_DORMANT)
    assert task.opened_by == get_machine("sweep")
    fact = RecordedEvent.objects.filter(type="TaskOpened").latest("pk")
    assert fact.payload["task_id"] == str(task.pk)
    notes = [item.note for item in build_board(dormant, officer).missing]
    assert any(WORDS in note for note in notes)
    dormant.refresh_from_db()
    assert WORDS not in str([i.note for i in build_board(dormant, clerk).missing])


def test_they_are_told_once_until_the_next_suspension(
    dormant: Customer, demo_bank: Tenant, officer: User
) -> None:
    sweep_tenant(demo_bank, DAY)
    sweep_tenant(demo_bank, DAY)
    assert reasons(dormant) == ["dormant", NOT_DORMANT]
    for task in Task.objects.open():
        close_task(task.pk, outcome="They stay", by=officer)
    sweep_tenant(demo_bank, DAY)
    assert reasons(dormant) == []
    record_activity(dormant.pk, by=officer, reason="Came by")
    age(dormant, 800, "inactive")
    sweep_tenant(demo_bank, DAY)
    assert reasons(dormant) == ["dormant"]
    policy(demo_bank, 900)
    sweep_tenant(demo_bank, DAY)
    assert reasons(dormant) == ["dormant", NOT_DORMANT]


def test_by_the_same_policy_nobody_is_told(
    make_customer: MakeCustomer, demo_bank: Tenant
) -> None:
    policy(demo_bank, 365)
    customer = make_dormant(make_customer, demo_bank)
    sweep_tenant(demo_bank, DAY)
    assert reasons(customer) == ["dormant"]


def test_the_dry_run_says_the_same(dormant: Customer, demo_bank: Tenant) -> None:
    assert foresee(Rule.of(demo_bank, DAY), demo_bank.pk).changes == {}


def test_many_cost_as_many_statements_as_one(
    make_customer: MakeCustomer, demo_bank: Tenant
) -> None:
    asked = []
    for count in (1, 5):
        policy(demo_bank, 365)
        for _ in range(count):
            make_dormant(make_customer, demo_bank)
        policy(demo_bank, 730)
        with CaptureQueriesContext(
            connection,
        ) as found:
            sweep_tenant(demo_bank, DAY)
        asked.append(len(found))
    assert Task.objects.filter(reason=NOT_DORMANT).count() == 6
    assert asked[1] == asked[0]


# --- the press --------------------------------------------------------------------
def test_compliance_ends_it_and_today_is_no_activity(
    dormant: Customer, demo_bank: Tenant, officer: User
) -> None:
    sweep_tenant(demo_bank, DAY)
    last, saves = dormant.last_activity_at, dormant.row_version
    assert end_dormancy(dormant.pk, by=officer)
    dormant.refresh_from_db()
    account = dormant.accounts.get()
    assert (dormant.activity, account.status) == ("inactive", "inactive")
    assert (dormant.last_activity_at, dormant.row_version) == (last, saves + 1)
    for row in (dormant, account):
        version: Any = row.history.first()
        assert (version.history_user, version.history_change_reason) == (
            officer,
            REASON,
        )
    assert reasons(dormant) == []
    facts = RecordedEvent.objects.filter(actor=officer, subject_id=str(dormant.pk))
    told = sorted(facts.values_list("type", flat=True))
    assert told == [
        "AccountStatusChanged", "ActivityChanged", "TaskClosed", "TaskClosed",
    ]  # fmt: skip
    assert not end_dormancy(dormant.pk, by=officer)
    assert facts.count() == 4


def test_nobody_else_and_no_machine_ends_it(dormant: Customer, clerk: User) -> None:
    for by in (clerk, get_machine("sweep")):
        with pytest.raises(NotForYouError):
            end_dormancy(dormant.pk, by=by)


def test_whom_the_policy_calls_dormant_stays_so(
    dormant: Customer, demo_bank: Tenant, officer: User
) -> None:
    policy(demo_bank, 365)
    with pytest.raises(DomainError, match="dormant under the present policy, too"):
        end_dormancy(dormant.pk, by=officer)


def test_who_is_suspended_besides_stays_so(dormant: Customer, officer: User) -> None:
    Customer.objects.filter(pk=dormant.pk).update(status="suspended")
    assert end_dormancy(dormant.pk, by=officer)
    dormant.refresh_from_db()
    assert (dormant.status, dormant.activity) == ("suspended", "inactive")
    assert dormant.accounts.get().status == "suspended"


def test_the_page_offers_it_to_compliance_alone(
    dormant: Customer, demo_bank: Tenant, officer: User, clerk: User
) -> None:
    def titles(user: User) -> list[str]:
        fresh = Customer.objects.get(pk=dormant.pk)
        return [deed.title for deed in end_deeds(fresh, user)]

    assert titles(officer) == ["End dormancy"]
    assert titles(clerk) == []
    rows = build_activity(dormant, clerk).rows
    assert rows[1]["title"] == "Not dormant under the present policy"
    policy(demo_bank, 365)
    assert titles(officer) == []


def test_the_dialog(
    dormant: Customer, officer: User, clerk: User, client_as: ClientAs
) -> None:
    client: Client = client_as(officer)
    assert "today does not count" in client.get(url_of(dormant)).content.decode()
    dormant.refresh_from_db()
    assert dormant.activity == "suspended"
    answer = client.post(url_of(dormant), {"_form_submitted": "True"}, follow=True)
    assert "is no longer suspended for dormancy" in answer.content.decode()
    dormant.refresh_from_db()
    assert dormant.activity == "inactive"
    assert client_as(clerk).get(url_of(dormant)).status_code == 403


def test_another_institutions_customer_is_not_found(
    make_customer: MakeCustomer, second_bank: Tenant, officer: User,
    client_as: ClientAs,
) -> None:  # fmt: skip
    stranger = make_customer(verified=True, tenant=second_bank)
    assert client_as(officer).get(url_of(stranger)).status_code == 404
