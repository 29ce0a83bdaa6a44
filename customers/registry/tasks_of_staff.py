"""Work that waits for a person: opened by commands, taken and closed by compliance."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from common.errors import DomainError, NotForYouError
from common.face import ago
from customers.registry.events import TaskOpened
from customers.registry.models import Customer, Task, TaskKind
from events.events import Event
from events.services import publish
from tenants.models import User

# Days until somebody must have looked (§12: three days for an escalation).
DAYS_TO_ANSWER = {
    TaskKind.ESCALATION: 3,
    TaskKind.TRIGGER_REVIEW: 14,
    TaskKind.KYC_DECISION: 3,
    TaskKind.RISK_REVIEW: 14,
    TaskKind.DORMANCY_REVIEW: 30,
}
HANDLES = "registry.close_task"
# Tasks that one person may not handle are passed over, but not without end.
MOST_PASSED_OVER = 200
# What somebody did that makes a task another's, as in "registered this customer".
Rule = Callable[[Task, User], str]
_rules: list[Rule] = []


def task_rule(rule: Rule) -> Rule:
    """Register who must not handle a task; apps above know rules of their own."""
    if rule not in _rules:
        _rules.append(rule)
    return rule


@transaction.atomic
def open_task(customer: Customer, kind: TaskKind, *, reason: str, by: User) -> Task:
    """Open a task, or return the open one for the same reason."""
    now = timezone.now()
    # The customer's row is the lock: two openers come one after the other.
    Customer.objects.select_for_update().get(pk=customer.pk)
    known = Task.objects.open().filter(customer=customer, kind=kind, reason=reason)
    earlier: Task | None = known.first()
    if earlier is not None:
        return earlier
    task = Task(
        tenant_id=customer.tenant_id,
        customer=customer,
        kind=kind,
        reason=reason,
        due_at=now + timedelta(days=DAYS_TO_ANSWER[kind]),
        opened_at=now,
        opened_by=by,
    )
    task.save_as(by, reason)
    event = TaskOpened(
        customer_id=str(customer.pk), task_id=str(task.pk), kind=kind, reason=reason
    )
    publish(event, by=by, tenant_id=customer.tenant_id, reason=reason)
    return task


@transaction.atomic
def close_task(task_id: UUID, *, outcome: str, by: User) -> bool:
    """Say what came of it, whoever has it; closing twice is no error."""
    task = Task.objects.select_for_update().get(pk=task_id)
    return _keep(task, task.close(outcome, timezone.now()), by, outcome)


@transaction.atomic
def answer_task(task_id: UUID, *, outcome: str, by: User) -> bool:
    """Close it as the person who is at it; False when it is closed already.

    Raises DomainError while a colleague has it.
    """
    task = _locked(task_id)
    if task.status == Task.Status.DONE:
        return False
    _refuse_held(task, by)
    return _keep(task, task.close(outcome, timezone.now()), by, outcome)


@transaction.atomic
def take_task(task_id: UUID, *, by: User) -> bool:
    """Make it theirs; taking twice is no error.

    Raises DomainError when it is closed or a colleague has it, NotForYouError when
    they must not handle it.
    """
    task = _open(task_id)
    _refuse_held(task, by)
    return _take(task, by)


@transaction.atomic
def take_next_task(*, by: User, kind: TaskKind | None = None) -> Task | None:
    """Take the oldest due task that nobody has; None when nothing is left for them.

    Two who ask at once never get the same. What they asked for themselves is passed
    over, so that a second pair of eyes sees it.
    """
    rows = Task.objects.for_user(by).unassigned().order_by("due_at", "id")
    if kind:
        rows = rows.filter(kind=kind)
    if by.tenant is not None and not by.tenant.is_single_employee:
        rows = rows.exclude(opened_by=by)
    passed_over: list[UUID] = []
    while len(passed_over) < MOST_PASSED_OVER:
        free = rows.exclude(pk__in=passed_over).select_related("customer__tenant")
        task: Task | None = free.select_for_update(
            skip_locked=True, of=("self",)
        ).first()
        if task is None:
            return None
        if task.holder is None and not why_not_theirs(task, by):
            _take(task, by)
            return task
        passed_over.append(task.pk)
    return None


@transaction.atomic
def release_task(task_id: UUID, *, by: User) -> bool:
    """Give one's own back to all; releasing twice is no error."""
    task = _open(task_id)
    _refuse_held(task, by)
    return _keep(task, task.release(), by, "Released")


@transaction.atomic
def hand_over_task(task_id: UUID, *, to: User, by: User, reason: str) -> bool:
    """Give it to a colleague, or to oneself, whoever has it; tells whether it moved.

    Raises DomainError when it is closed, or when `to` may not or must not handle it.
    """
    task = _open(task_id)
    _refuse_handler(task, to, by)
    event = task.assign(to, timezone.now(), is_handed_over=True)
    return _keep(task, event, by, reason)


def why_not_theirs(task: Task, person: User) -> str:
    """What `person` did that makes it another's task, or "" ; after "who …"."""
    return next((done for rule in _rules if (done := rule(task, person))), "")


def closed_words(task: Task) -> str:
    """Say who closed it, and when."""
    version = task.history.select_related("history_user").first()
    who = version.history_user if version else None
    when = f" {ago(task.closed_at)}" if task.closed_at else ""
    return f"{who or 'Somebody'} closed this task{when}"


def _locked(task_id: UUID) -> Task:
    """Lock the task alone: a joined assignee would be the one before the wait."""
    rows = Task.objects.select_related("customer__tenant")
    task: Task = rows.select_for_update(of=("self",)).get(pk=task_id)
    return task


def _open(task_id: UUID) -> Task:
    task = _locked(task_id)
    if task.status == Task.Status.DONE:
        raise DomainError(f"{closed_words(task)}, so nothing is left to do.")
    return task


def _take(task: Task, by: User) -> bool:
    _refuse_handler(task, by, by)
    return _keep(task, task.assign(by, timezone.now()), by, "Taken")


def _refuse_held(task: Task, by: User) -> None:
    """Raise DomainError while a colleague has it."""
    holder = task.holder
    if holder is not None and holder.pk != by.pk and task.taken_at:
        raise DomainError(
            f"{holder} took this task {ago(task.taken_at)};"
            " have it handed over to you first."
        )


def _refuse_handler(task: Task, person: User, by: User) -> None:
    """Raise NotForYouError unless `person` may and must be able to handle it."""
    is_colleague = person.tenant_id == task.tenant_id and person.is_active
    if not is_colleague or not person.has_perm(HANDLES):
        raise NotForYouError(f"{person} may not handle tasks.")
    if done := why_not_theirs(task, person):
        who = "You" if person.pk == by.pk else str(person)
        raise NotForYouError(f"{who} {done}, so somebody else must decide.")


def _keep(task: Task, event: Event | None, by: User, reason: str) -> bool:
    """Save and publish when something happened; tell whether it did."""
    if event is None:
        return False
    task.save_as(by, reason)
    publish(event, by=by, tenant_id=task.tenant_id, reason=reason)
    return True
