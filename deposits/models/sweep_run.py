"""One run of the nightly activity sweep: how far it came and what it found."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q

from common.keys import KeyField
from tenants.models import Tenant, TenantQuerySet


class SweepRunQuerySet(TenantQuerySet):
    def running(self) -> Self:
        return self.filter(status=SweepRun.Status.RUNNING)

    def dropped(self, now: datetime) -> Self:
        """Those whose process died, or was outlived by its lease."""
        return self.running().filter(leased_until__lt=now)


class SweepRun(models.Model):
    """A record like events: it has no versions.

    The policy is copied at the start, so that a run which was killed goes on by the
    rule it began with.
    """

    class Status(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"

    id = KeyField(primary_key=True)
    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="+", editable=False
    )
    counted_on = models.DateField("day")
    time_zone = models.CharField(max_length=64)
    inactive_after_days = models.PositiveIntegerField()
    suspended_after_days = models.PositiveIntegerField()

    status = models.CharField(max_length=10, choices=Status, default=Status.RUNNING)
    # The last customer that was dealt with, in the order of keys.
    cursor = models.UUIDField(null=True)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    # More than 1: it was killed, and taken up so many times less one.
    starts = models.PositiveIntegerField(default=1)

    # {"active inactive": 12}: from and to, and how many customers.
    changes = models.JSONField(default=dict)
    accounts_changed = models.PositiveIntegerField(default=0)
    # [{"customer": "1000-0042", "from": …, "to": …, "last_on": "2025-11-20"}]
    examples = models.JSONField(default=list)
    # [{"customer": "1000-0042", "error": …}]; error_count goes on counting.
    errors = models.JSONField(default=list)
    error_count = models.PositiveIntegerField(default=0)

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects = SweepRunQuerySet.as_manager()

    class Meta:
        verbose_name = "activity sweep"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"],
                condition=Q(status="running"),
                name="sweep_run_one_at_a_time",
            )
        ]
        indexes = [
            models.Index(fields=["tenant", "-started_at", "-id"], name="sweep_run_list")
        ]

    def __str__(self) -> str:
        return f"Activity sweep of {self.counted_on}"

    @property
    def changed(self) -> int:
        """How many customers changed."""
        return sum(self.changes.values())

    @property
    def duration(self) -> timedelta | None:
        """From the first start to the end; None while it runs."""
        return self.finished_at - self.started_at if self.finished_at else None
