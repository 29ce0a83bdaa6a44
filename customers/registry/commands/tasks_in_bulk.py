"""Open the same task about many customers, with version, event and deliveries each."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from simple_history.utils import bulk_create_with_history

from customers.registry.events import TaskOpened
from customers.registry.models import Task, TaskKind
from customers.registry.tasks_of_staff import DAYS_TO_ANSWER
from events.events import subscriptions_to
from events.in_bulk import Deed
from events.models import Delivery, RecordedEvent

DORMANT = "dormant"  # the reason of a dormancy review
BATCH = 500  # rows in one statement; SQLite takes a limited number of values


def open_tasks(
    customer_ids: Sequence[UUID], kind: TaskKind, *, reason: str, deed: Deed
) -> int:
    """Open one for each of them but those who have it; how many were opened.

    For customers of one institution that the caller has locked, inside the caller's
    transaction. `reason` is the task's code, `deed` who opens it, and why.
    """
    known = Task.objects.open().filter(kind=kind, reason=reason)
    held = set(
        known.filter(customer__in=customer_ids).values_list("customer_id", flat=True)
    )
    tasks = [_task(key, kind, reason, deed) for key in customer_ids if key not in held]
    if not tasks:
        return 0
    bulk_create_with_history(
        tasks, Task, batch_size=BATCH, default_user=deed.by,
        default_change_reason=deed.reason, default_date=deed.at,
    )  # fmt: skip
    _publish([_record(task, deed) for task in tasks])
    return len(tasks)


def _task(customer_id: UUID, kind: TaskKind, reason: str, deed: Deed) -> Task:
    task = Task(
        tenant_id=deed.tenant_id,
        customer_id=customer_id,
        kind=kind,
        reason=reason,
        due_at=deed.at + timedelta(days=DAYS_TO_ANSWER[kind]),
        opened_at=deed.at,
        opened_by=deed.by,
    )
    # A task says itself who opened it; the default user would be passed over.
    task._history_user = deed.by  # noqa: SLF001 - as Signed.save_as
    return task


def _record(task: Task, deed: Deed) -> RecordedEvent:
    event = TaskOpened(
        customer_id=str(task.customer_id), task_id=str(task.pk), kind=task.kind,
        reason=task.reason,
    )  # fmt: skip
    return RecordedEvent(
        tenant_id=deed.tenant_id,
        type=type(event).__name__,
        payload=event.payload(),
        subject_id=event.subject_id,
        actor=deed.by,
        reason=deed.reason,
        is_restricted=event.is_restricted,
        created_at=deed.at,
    )


def _publish(records: list[RecordedEvent]) -> None:
    """No worker is told of so many at once: their sweep finds them."""
    RecordedEvent.objects.bulk_create(records, batch_size=BATCH)
    deliveries = [
        Delivery(
            event=record, handler=subscription.name, due_at=record.created_at,
            created_at=record.created_at,
        )
        for subscription in subscriptions_to(TaskOpened.__name__)
        for record in records
    ]  # fmt: skip
    Delivery.objects.bulk_create(deliveries, batch_size=BATCH)
