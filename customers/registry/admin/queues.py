"""What waits because of the registry: tasks, reviews, registrations half done."""

from datetime import timedelta

from django.db.models import Case, Count, Min, Q, When
from django.urls import reverse
from django.utils import timezone

from common import worklist
from common.face import due
from common.worklist import QueueCount, TaskList, TaskRow
from customers.registry.choices import KycStatus, TaskKind
from customers.registry.models import Customer, Task
from customers.registry.models.task import NOBODYS
from tenants.models import User

TASKS_SHOWN = 5


@worklist.tasks
def open_tasks(user: User) -> TaskList:
    """One's own open tasks, then those nobody has; the earliest due first.

    Who handles none sees all of the institution.
    """
    if not user.has_perm("registry.view_task"):
        return TaskList()
    rows = Task.objects.for_user(user).open()
    wanted = rows
    if user.has_perm("registry.close_task"):
        wanted = rows.filter(NOBODYS | Q(assignee=user))
    first = wanted.select_related("customer", "opened_by").order_by(
        Case(When(assignee=user, then=0), default=1), "due_at", "id"
    )
    return TaskList(
        rows=[_row(task, user) for task in first[:TASKS_SHOWN]],
        total=rows.count(),
        url=reverse("admin:registry_task_changelist"),
    )


def _row(task: Task, user: User) -> TaskRow:
    return TaskRow(
        title=str(task),
        url=reverse("admin:registry_task_change", args=[task.pk]),
        customer_name=task.customer.name,
        public_id=task.customer.public_id,
        due=due(task.due_at),
        opened_by=str(task.opened_by),
        opened_at=task.opened_at,
        is_mine=task.assignee_id == user.pk,
    )


@worklist.queue("Escalations", permission="registry.view_task", order=10, desk="tasks")
def escalations(user: User) -> QueueCount:
    return _tasks_of(user, TaskKind.ESCALATION)


@worklist.queue("Reviews due", permission="registry.view_task", order=20, desk="tasks")
def reviews_due(user: User) -> QueueCount:
    return _tasks_of(user, TaskKind.TRIGGER_REVIEW)


def _tasks_of(user: User, kind: TaskKind) -> QueueCount:
    rows = Task.objects.for_user(user).open().filter(kind=kind)
    late = Q(due_at__lt=timezone.now())
    found = rows.aggregate(
        count=Count("pk"), overdue=Count("pk", filter=late),
        due_at=Min("due_at"), since_at=Min("opened_at"),
    )  # fmt: skip
    url = f"{reverse('admin:registry_task_changelist')}?kind__exact={kind.value}"
    return QueueCount(url=url, **found)


@worklist.queue(
    "Incomplete registrations",
    permission="registry.register_customer",
    order=60,
    stale_after=timedelta(days=7),
)
def incomplete_registrations(user: User) -> QueueCount:
    """Living customers whose KYC is pending; what KYC waits for is told elsewhere."""
    rows = Customer.objects.for_user(user).living()
    found = rows.filter(kyc_status=KycStatus.PENDING).aggregate(
        count=Count("pk"), oldest_at=Min("registered_at")
    )
    changelist = reverse("admin:registry_customer_changelist")
    return QueueCount(url=f"{changelist}?kyc_status__exact=pending", **found)
