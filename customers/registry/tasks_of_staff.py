"""Work that waits for a person: opened by commands, closed by compliance."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from customers.registry.events import TaskOpened
from customers.registry.models import Customer, Task, TaskKind
from events.services import publish
from tenants.models import User

# Days until somebody must have looked (§12: three days for an escalation).
DAYS_TO_ANSWER = {
    TaskKind.ESCALATION: 3,
    TaskKind.TRIGGER_REVIEW: 14,
    TaskKind.KYC_DECISION: 3,
    TaskKind.RISK_REVIEW: 14,
}


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
    """Say what came of it; closing twice is no error."""
    task = Task.objects.select_for_update().get(pk=task_id)
    event = task.close(outcome, timezone.now())
    if event is None:
        return False
    task.save_as(by, outcome)
    publish(event, by=by, tenant_id=task.tenant_id, reason=outcome)
    return True
