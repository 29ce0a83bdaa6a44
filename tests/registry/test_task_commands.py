"""Tasks are taken, given back, handed over; two people never get the same one."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from common.errors import DomainError, NotForYouError
from customers.registry.models import Customer, Task, TaskKind
from customers.registry.tasks_of_staff import (
    answer_task,
    close_task,
    hand_over_task,
    open_task,
    release_task,
    take_next_task,
    take_task,
)
from events.models import RecordedEvent
from tenants.models import Tenant, User
from tenants.services import change_policy, change_staff
from tests.conftest import MakeCustomer, MakeStaff, race
from tests.registry.conftest import LOCKS, told

pytestmark = pytest.mark.django_db
OpenTask = Callable[..., Task]


@pytest.fixture
def ama(make_staff: MakeStaff) -> User:
    return make_staff("compliance_officer")


@pytest.fixture
def kofi(make_staff: MakeStaff) -> User:
    return make_staff("compliance_officer")


@pytest.fixture
def opened(make_customer: MakeCustomer, setup_machine: User) -> OpenTask:
    """Open a task of a customer of its own, due in so many days."""

    def make(
        days: int = 3, kind: TaskKind = TaskKind.ESCALATION, by: User | None = None,
        customer: Customer | None = None,
    ) -> Task:  # fmt: skip
        who = customer or make_customer(verified=True)
        task = open_task(who, kind, reason="adverse", by=by or setup_machine)
        due_at = timezone.now() + timedelta(days=days)
        Task.objects.filter(pk=task.pk).update(due_at=due_at)
        return Task.objects.get(pk=task.pk)

    return make


def holder(task: Task) -> User | None:
    row: Task = Task.objects.select_related("assignee").get(pk=task.pk)
    return row.holder


def leave(person: User, by: User) -> None:
    roles = person.roles
    change_staff(
        person.pk, name=person.name, roles=roles, is_active=False, by=by, reason="Left"
    )


# --- take and release -----------------------------------------------------------
def test_taking_and_releasing_is_recorded_once(opened: OpenTask, ama: User) -> None:
    task = opened()
    assert take_task(task.pk, by=ama)
    assert not take_task(task.pk, by=ama), "twice is no error"
    assert holder(task) == ama
    assert release_task(task.pk, by=ama)
    assert not release_task(task.pk, by=ama)
    assert holder(task) is None
    assert told(task.customer)[-2:] == ["TaskTaken", "TaskReleased"]
    reasons = task.history.values_list("history_change_reason", flat=True)
    assert list(reasons[:2]) == ["Released", "Taken"]
    facts = RecordedEvent.objects.filter(type__in=("TaskTaken", "TaskReleased"))
    assert all(fact.is_restricted for fact in facts)


def test_a_colleagues_task_is_refused_with_their_name(
    opened: OpenTask, ama: User, kofi: User
) -> None:
    task = opened()
    take_task(task.pk, by=ama)
    for command in (take_task, release_task):
        with pytest.raises(DomainError, match=f"{ama.name} took this task"):
            command(task.pk, by=kofi)
    with pytest.raises(DomainError, match=f"{ama.name} took this task"):
        answer_task(task.pk, outcome="Mine", by=kofi)
    assert holder(task) == ama
    assert Task.objects.open().filter(pk=task.pk).exists()


def test_what_machines_and_decisions_settle_closes_whoever_has_it(
    opened: OpenTask, ama: User, setup_machine: User
) -> None:
    task = opened()
    take_task(task.pk, by=ama)
    assert close_task(task.pk, outcome="Assessed anew", by=setup_machine)


def test_a_closed_task_is_nobodys_to_take(
    opened: OpenTask, ama: User, kofi: User
) -> None:
    task = opened()
    assert answer_task(task.pk, outcome="Well", by=ama)
    assert not answer_task(task.pk, outcome="Again", by=kofi)
    for command in (take_task, release_task):
        with pytest.raises(DomainError, match=f"{ama.name} closed this task"):
            command(task.pk, by=kofi)
    with pytest.raises(DomainError, match="closed this task"):
        hand_over_task(task.pk, to=kofi, by=ama, reason="Late")


def test_a_task_of_somebody_who_left_is_unassigned(
    opened: OpenTask, ama: User, kofi: User, setup_machine: User
) -> None:
    task = opened()
    take_task(task.pk, by=ama)
    assert not Task.objects.unassigned().exists()
    leave(ama, setup_machine)
    assert Task.objects.unassigned().get() == task
    assert holder(task) is None
    assert take_next_task(by=kofi) == task
    assert holder(task) == kofi


@pytest.mark.parametrize("role", ["client_facing", "auditor", "teller"])
def test_who_may_not_close_may_not_take(
    opened: OpenTask, make_staff: MakeStaff, role: str
) -> None:
    task, clerk = opened(), make_staff(role)
    with pytest.raises(NotForYouError, match="may not handle tasks"):
        take_task(task.pk, by=clerk)
    assert holder(task) is None


def test_who_has_it_is_known_with_since_when(opened: OpenTask, ama: User) -> None:
    task = opened()
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(assignee=ama, taken_at=None)


# --- hand over ------------------------------------------------------------------
def test_a_task_is_handed_over_with_a_reason(
    opened: OpenTask, ama: User, kofi: User
) -> None:
    task = opened()
    take_task(task.pk, by=ama)
    assert hand_over_task(task.pk, to=kofi, by=ama, reason="Off to lunch")
    assert not hand_over_task(task.pk, to=kofi, by=ama, reason="Off to lunch")
    assert holder(task) == kofi
    assert hand_over_task(task.pk, to=ama, by=ama, reason="Back again"), "taken over"
    fact = RecordedEvent.objects.filter(type="TaskTaken").latest("created_at")
    assert (fact.reason, fact.payload["is_handed_over"]) == ("Back again", True)
    words = fact.as_event().words() if fact.as_event() else ()
    assert words == ("Task handed over: answer escalation", "")


def test_a_task_is_handed_to_none_who_may_not_have_it(
    opened: OpenTask, ama: User, make_staff: MakeStaff, second_bank: Tenant,
    setup_machine: User,
) -> None:  # fmt: skip
    task = opened()
    stranger = make_staff("compliance_officer", tenant=second_bank)
    left = make_staff("compliance_officer")
    leave(left, setup_machine)
    left.refresh_from_db()
    for person in (stranger, left, make_staff("auditor"), setup_machine):
        with pytest.raises(NotForYouError, match="may not handle tasks"):
            hand_over_task(task.pk, to=person, by=ama, reason="Please")
    assert holder(task) is None


# --- take next ------------------------------------------------------------------
def test_the_oldest_due_comes_first_and_nothing_is_none(
    opened: OpenTask, ama: User, kofi: User
) -> None:
    later, first = opened(5), opened(1)
    review = opened(0, TaskKind.TRIGGER_REVIEW)
    assert take_next_task(by=ama, kind=TaskKind.ESCALATION) == first
    assert take_next_task(by=ama) == review
    assert take_next_task(by=kofi) == later
    assert take_next_task(by=kofi) is None
    assert take_next_task(by=ama, kind=TaskKind.KYC_DECISION) is None


def test_nobody_is_given_another_banks_task(
    opened: OpenTask, make_staff: MakeStaff, second_bank: Tenant
) -> None:
    opened()
    stranger = make_staff("compliance_officer", tenant=second_bank)
    assert take_next_task(by=stranger) is None


def test_what_one_asked_for_is_passed_over_until_one_person_is_all_there_is(
    opened: OpenTask, ama: User, kofi: User, demo_bank: Tenant, setup_machine: User
) -> None:
    own = opened(by=ama)
    assert take_next_task(by=ama) is None
    change_policy(
        demo_bank.pk, by=setup_machine, reason="One person", is_single_employee=True
    )
    assert take_next_task(by=User.objects.get(pk=ama.pk)) == own
    release_task(own.pk, by=ama)
    assert take_next_task(by=kofi) == own


def test_who_registered_somebody_is_not_given_their_kyc(
    opened: OpenTask, make_customer: MakeCustomer, ama: User, kofi: User
) -> None:
    """The rule of the desk for decisions by hand holds for its tasks too."""
    task = opened(1, TaskKind.KYC_DECISION, customer=make_customer(by=ama))
    other = opened(2, TaskKind.KYC_DECISION)
    assert take_next_task(by=ama) == other
    sentence = "You registered this customer, so somebody else must decide."
    with pytest.raises(NotForYouError, match=sentence):
        take_task(task.pk, by=ama)
    with pytest.raises(NotForYouError, match=f"{ama.name} registered this customer"):
        hand_over_task(task.pk, to=ama, by=kofi, reason="Please")
    assert take_next_task(by=kofi) == task


# --- at once --------------------------------------------------------------------
@LOCKS
def test_two_who_ask_at_once_get_two_tasks(
    opened: OpenTask, make_staff: MakeStaff
) -> None:
    tasks = {opened(days).pk for days in range(3)}
    people = [make_staff("compliance_officer") for _ in range(4)]

    def ask(person: User) -> Callable[[], Task | None]:
        return lambda: take_next_task(by=person)

    taken = race(*map(ask, people))
    got = [task.pk for task in taken if isinstance(task, Task)]
    assert sorted(got) == sorted(tasks), taken
    assert taken.count(None) == 1


@LOCKS
def test_one_task_is_taken_by_one(opened: OpenTask, ama: User, kofi: User) -> None:
    task = opened()
    results = race(
        lambda: take_task(task.pk, by=ama), lambda: take_task(task.pk, by=kofi)
    )
    (refused,) = [result for result in results if result is not True]
    assert isinstance(refused, DomainError), refused
    assert "took this task" in refused.message
    assert RecordedEvent.objects.filter(type="TaskTaken").count() == 1
