"""Work about a customer that waits for a person; the front line sees none of it."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models

from common.lifecycle import transition
from customers.registry.choices import TaskKind
from customers.registry.events import TaskClosed
from customers.registry.models.customer import Customer
from tenants.models import TenantOwned, TenantQuerySet


class TaskQuerySet(TenantQuerySet):
    def open(self) -> Self:
        return self.filter(status=Task.Status.OPEN)

    def overdue(self, now: datetime) -> Self:
        return self.open().filter(due_at__lt=now)


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
            )
        ]
        indexes = [
            models.Index(
                fields=["tenant", "due_at"],
                condition=models.Q(status="open"),
                name="task_open_due",
            )
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @transition(Status.OPEN, to=Status.DONE)
    def close(self, outcome: str, at: datetime) -> TaskClosed:
        """Say what came of it."""
        self.outcome, self.closed_at = outcome, at
        return TaskClosed(
            customer_id=str(self.customer_id), task_id=str(self.pk), kind=self.kind
        )
