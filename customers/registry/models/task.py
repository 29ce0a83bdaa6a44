"""Work about a customer that waits for a person; the front line sees none of it."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models

from common.lifecycle import transition
from customers.registry.choices import TaskKind
from customers.registry.events import TaskClosed, TaskReleased, TaskTaken
from customers.registry.models.customer import Customer
from tenants.models import TenantOwned, TenantQuerySet, User

# A task of somebody who left is nobody's.
NOBODYS = models.Q(assignee=None) | models.Q(assignee__is_active=False)


class TaskQuerySet(TenantQuerySet):
    def open(self) -> Self:
        return self.filter(status=Task.Status.OPEN)

    def overdue(self, now: datetime) -> Self:
        return self.open().filter(due_at__lt=now)

    def unassigned(self) -> Self:
        """Open ones that nobody has taken, or only somebody who left."""
        return self.open().filter(NOBODYS)

    def held_by(self, user: User) -> Self:
        return self.open().filter(assignee=user)


class Task(TenantOwned):
    """One thing somebody has to look at, with a day by which."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="tasks"
    )
    kind = models.CharField(max_length=20, choices=TaskKind)
    # Codes only: what changed, or why it was opened.
    reason = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    due_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    # Who took it, and kept it to the end; the versions tell who had it before.
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    taken_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True)

    objects = TaskQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        permissions = [("close_task", "Can close a task")]
        constraints = [
            # Opened twice for the same reason is one task, however often it happens.
            models.UniqueConstraint(
                fields=["customer", "kind", "reason"],
                condition=models.Q(status="open"),
                name="task_open_once",
            ),
            models.CheckConstraint(
                name="task_taken_by_somebody",
                condition=models.Q(assignee=None, taken_at=None)
                | models.Q(assignee__isnull=False, taken_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "due_at"],
                condition=models.Q(status="open"),
                name="task_open_due",
            ),
            models.Index(
                fields=["tenant", "assignee", "due_at"],
                condition=models.Q(status="open"),
                name="task_open_of",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @property
    def holder(self) -> User | None:
        """Who is at it; nobody when they left."""
        if self.assignee is None or not self.assignee.is_active:
            return None
        return self.assignee

    def assign(
        self, to: User, at: datetime, *, is_handed_over: bool = False
    ) -> TaskTaken | None:
        """Give it to somebody; None when it is theirs already."""
        if self.assignee_id == to.pk:
            return None
        self.assignee, self.taken_at = to, at
        return TaskTaken(
            **self._named(), assignee_id=str(to.pk), is_handed_over=is_handed_over
        )

    def release(self) -> TaskReleased | None:
        """Give it back; None when nobody has it."""
        if self.assignee_id is None:
            return None
        self.assignee = self.taken_at = None
        return TaskReleased(**self._named())

    @transition(Status.OPEN, to=Status.DONE)
    def close(self, outcome: str, at: datetime) -> TaskClosed:
        """Say what came of it."""
        self.outcome, self.closed_at = outcome, at
        return TaskClosed(**self._named())

    def _named(self) -> dict[str, str]:
        return {
            "customer_id": str(self.customer_id),
            "task_id": str(self.pk),
            "kind": self.kind,
        }
