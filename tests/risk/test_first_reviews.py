"""The first assessment: asked for a week after verification, once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from customers.registry.choices import SuspensionReason, TaskKind
from customers.registry.models import Customer, Task
from customers.registry.services import close_task, suspend_customer
from customers.risk import reviews
from customers.risk.reviews import (
    ask_for_first,
    escalate_first,
    sweep_reviews,
    unassessed,
)
from tenants.models import Tenant, User
from tenants.services import get_machine
from tests.conftest import MakeCustomer
from tests.house import open_tasks
from tests.risk.conftest import Assess

pytestmark = pytest.mark.django_db
FIRST = [("risk_review", "first risk assessment")]
OVERDUE = [("escalation", "first risk assessment overdue")]
BOTH = [*OVERDUE, *FIRST]


def verified_ago(customer: Customer, **ago: int) -> Customer:
    at = timezone.now() - timedelta(**ago)
    Customer.objects.filter(pk=customer.pk).update(verified_at=at)
    return customer


@pytest.fixture
def customer(make_customer: MakeCustomer) -> Customer:
    return verified_ago(make_customer(verified=True), days=7)


@pytest.mark.parametrize(
    ("hours", "tasks"),
    [
        (0, []), (7 * 24 - 1, []), (7 * 24, FIRST), (21 * 24 - 1, FIRST),
        (21 * 24, BOTH), (24 * 999, BOTH),
    ],
)  # fmt: skip
def test_the_hour_of_the_first_assessment(
    hours: int, tasks: list[tuple[str, str]], make_customer: MakeCustomer
) -> None:
    customer = verified_ago(make_customer(verified=True), hours=hours)
    assert sweep_reviews() == (bool(tasks), len(tasks) == 2)
    assert open_tasks(customer) == tasks
    assert sweep_reviews() == (0, 0)
    assert open_tasks(customer) == tasks


def test_closed_without_an_assessment_it_is_not_asked_for_again(
    customer: Customer, officer: User
) -> None:
    sweep_reviews()
    close_task(Task.objects.get(customer=customer).pk, outcome="Later", by=officer)
    assert sweep_reviews() == (0, 0)
    assert not ask_for_first(customer.pk, by=officer)
    assert open_tasks(customer) == []


def test_closed_without_an_assessment_it_is_escalated_all_the_same_and_once(
    customer: Customer, officer: User
) -> None:
    sweep_reviews()
    close_task(Task.objects.get(customer=customer).pk, outcome="Later", by=officer)
    verified_ago(customer, days=21)
    assert sweep_reviews() == (0, 1)
    escalation = Task.objects.open().get(customer=customer)
    assert escalation.kind == TaskKind.ESCALATION
    close_task(escalation.pk, outcome="Seen", by=officer)
    assert sweep_reviews() == (0, 0)
    assert not escalate_first(customer.pk, by=officer)
    assert open_tasks(customer) == []


def test_whoever_was_assessed_in_time_is_not_escalated(
    customer: Customer, assess: Assess, officer: User
) -> None:
    sweep_reviews()
    assess(customer)
    verified_ago(customer, days=400)
    assert sweep_reviews() == (0, 0)
    assert not escalate_first(customer.pk, by=officer)


def test_an_assessment_ends_it_and_nobody_assessed_is_asked_about(
    customer: Customer, make_customer: MakeCustomer, assess: Assess
) -> None:
    sweep_reviews()
    assess(customer)
    assert open_tasks(customer) == []
    assess(verified_ago(make_customer(verified=True), days=8))
    assert sweep_reviews() == (0, 0)


def test_what_changed_since_it_was_found_is_seen(
    customer: Customer, assess: Assess
) -> None:
    assert list(unassessed(customer.tenant)) == [customer.pk]
    assess(customer)
    assert not ask_for_first(customer.pk, by=get_machine("sweep"))


def test_suspended_customers_are_with_us_and_the_others_are_not(
    customer: Customer, make_customer: MakeCustomer, officer: User
) -> None:
    reason = SuspensionReason.DUE_DILIGENCE
    suspend_customer(customer.pk, reason=reason, by=officer)
    gone = verified_ago(make_customer(verified=True), days=9)
    Customer.objects.filter(pk=gone.pk).update(status="offboarded")
    pending = make_customer()
    assert sweep_reviews() == (1, 0)
    assert open_tasks(customer) == FIRST
    assert open_tasks(gone) == open_tasks(pending) == []


def test_a_run_asks_for_no_more_than_its_share(
    make_customer: MakeCustomer, monkeypatch: pytest.MonkeyPatch, second_bank: Tenant
) -> None:
    monkeypatch.setattr(reviews, "AT_ONCE", 2)
    here = [
        verified_ago(make_customer(verified=True), days=days) for days in (8, 10, 9)
    ]
    there = make_customer(tenant=second_bank, verified=True)
    verified_ago(there, days=8)
    assert sweep_reviews() == (3, 0)
    assert [bool(open_tasks(each)) for each in here] == [False, True, True]
    assert open_tasks(there) == FIRST
    assert sweep_reviews() == (1, 0)
    assert open_tasks(here[0]) == FIRST
