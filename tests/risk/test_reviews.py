"""Reviews: asked for on their day, escalated once, ended by a new assessment."""

from datetime import timedelta
from typing import Any

import pytest

from customers.registry.choices import DeclineReason, TaskKind
from customers.registry.models import Customer, Task
from customers.registry.services import close_task, decline_customer, open_task
from customers.risk import reviews
from customers.risk.models import Assessment
from customers.risk.reviews import ask_for_review, escalate_review, sweep_reviews
from events.sweeps import SWEEPS
from tenants.models import Tenant, User
from tenants.services import get_machine
from tests.conftest import MakeCustomer
from tests.house import open_tasks
from tests.risk.conftest import Assess

pytestmark = pytest.mark.django_db
REVIEW = [("risk_review", "risk review")]
BOTH = [("escalation", "risk review overdue"), ("risk_review", "risk review")]


def due(assessment: Assessment, days: int) -> None:
    """Let the review be due so many days ago."""
    on = assessment.tenant.today - timedelta(days=days)
    Assessment.objects.filter(pk=assessment.pk).update(review_due_on=on)


@pytest.mark.parametrize(
    ("days", "tasks"),
    [(-1, []), (0, REVIEW), (13, REVIEW), (14, BOTH), (400, BOTH)],
)
def test_the_day_of_a_review(
    days: int, tasks: list[tuple[str, str]], make_customer: MakeCustomer, assess: Assess
) -> None:
    customer = make_customer()
    due(assess(customer), days)
    sweep_reviews()
    assert open_tasks(customer) == tasks
    assert sweep_reviews() == (0, 0)
    assert open_tasks(customer) == tasks


def test_the_sweep_runs_by_the_clock() -> None:
    assert SWEEPS["risk_reviews"].every == 3600
    assert SWEEPS["risk_reviews"].command is sweep_reviews


def test_a_task_closed_without_a_look_is_not_opened_again_but_escalated(
    make_customer: MakeCustomer, assess: Assess, officer: User
) -> None:
    customer = make_customer()
    made = assess(customer)
    due(made, 0)
    sweep_reviews()
    close_task(Task.objects.get(customer=customer).pk, outcome="Later", by=officer)
    assert not ask_for_review(made.pk, by=officer)
    assert sweep_reviews() == (0, 0)
    due(made, 14)
    assert sweep_reviews() == (0, 1)
    escalation = Task.objects.open().get(customer=customer)
    assert escalation.kind == TaskKind.ESCALATION
    close_task(escalation.pk, outcome="Seen", by=officer)
    assert sweep_reviews() == (0, 0)
    assert open_tasks(customer) == []


def test_a_new_assessment_ends_the_review(
    make_customer: MakeCustomer, assess: Assess
) -> None:
    customer = make_customer()
    due(assess(customer), 0)
    sweep_reviews()
    assess(customer)
    assert open_tasks(customer) == []
    assert sweep_reviews() == (0, 0)


def test_an_escalation_stays_until_somebody_answers_it(
    make_customer: MakeCustomer, assess: Assess
) -> None:
    customer = make_customer()
    due(assess(customer), 20)
    sweep_reviews()
    assess(customer)
    assert open_tasks(customer) == BOTH[:1]


def test_what_was_superseded_meanwhile_is_left_alone(
    make_customer: MakeCustomer, assess: Assess
) -> None:
    customer = make_customer()
    old = assess(customer)
    due(old, 20)
    assess(customer)
    assert not escalate_review(old.pk, by=get_machine("sweep"))
    assert sweep_reviews() == (0, 0)


def test_nobody_is_asked_about_whose_relationship_ended(
    make_customer: MakeCustomer, assess: Assess, officer: User
) -> None:
    customer = make_customer()
    made = assess(customer)
    due(made, 20)
    decline_customer(customer.pk, reason=DeclineReason.DUPLICATE, by=officer)
    assert sweep_reviews() == (0, 0)
    assert not escalate_review(made.pk, by=officer)


def test_each_institution_has_its_own_tasks(
    make_customer: MakeCustomer, assess: Assess, second_bank: Tenant
) -> None:
    here, there = make_customer(), make_customer(tenant=second_bank)
    for customer in (here, there):
        due(assess(customer), 0)
    assert sweep_reviews() == (2, 0)
    for customer in (here, there):
        task = Task.objects.get(customer=customer)
        assert task.tenant_id == Customer.objects.get(pk=customer.pk).tenant_id


def test_one_bad_row_stops_neither_the_bank_nor_the_others(
    make_customer: MakeCustomer,
    assess: Assess,
    second_bank: Tenant,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    bad, good = make_customer(), make_customer()
    there = make_customer(tenant=second_bank)
    for customer in (bad, good, there):
        due(assess(customer), 14)

    def failing(customer: Customer, *args: Any, **kwargs: Any) -> Task:
        if customer.pk == bad.pk:
            raise ValueError(customer.name)
        return open_task(customer, *args, **kwargs)

    monkeypatch.setattr(reviews, "open_task", failing)
    assert sweep_reviews() == (2, 2)
    assert open_tasks(bad) == []
    assert open_tasks(good) == open_tasks(there) == BOTH
    assert bad.name not in caplog.text
    monkeypatch.undo()
    assert sweep_reviews() == (1, 1)
    assert open_tasks(bad) == BOTH


def test_one_bad_institution_stops_no_other(
    make_customer: MakeCustomer,
    assess: Assess,
    demo_bank: Tenant,
    second_bank: Tenant,
) -> None:
    here, there = make_customer(), make_customer(tenant=second_bank)
    for customer in (here, there):
        due(assess(customer), 14)
    bank = min(demo_bank, second_bank, key=lambda bank: bank.pk)
    Tenant.objects.filter(pk=bank.pk).update(time_zone="Nowhere/At all")
    assert sweep_reviews() == (1, 1)
    good = there if bank == demo_bank else here
    assert open_tasks(good) == BOTH
