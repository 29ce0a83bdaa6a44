"""What a night's activity sweep found, and by which policy."""

from datetime import date

from django.db import models

from common.keys import KeyField
from events.models import NightlyRun
from tenants.models import Tenant, TenantQuerySet


class SweepRun(models.Model):
    """The report beside the run of the night; a record like it, without versions.

    The policy is copied at the start, so that a run which was killed goes on by the
    rule it began with.
    """

    id = KeyField(primary_key=True)
    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="+", editable=False
    )
    # When it ran, for which day, and whether it is done.
    run = models.OneToOneField(
        NightlyRun, on_delete=models.PROTECT, related_name="+", editable=False
    )
    time_zone = models.CharField(max_length=64)
    inactive_after_days = models.PositiveIntegerField()
    suspended_after_days = models.PositiveIntegerField()

    # {"active inactive": 12}: from and to, and how many customers.
    changes = models.JSONField(default=dict)
    accounts_changed = models.PositiveIntegerField(default=0)
    # [{"customer": "1000-0042", "from": …, "to": …, "last_on": "2025-11-20"}]
    examples = models.JSONField(default=list)
    # [{"customer": "1000-0042", "error": …}]; error_count goes on counting.
    errors = models.JSONField(default=list)
    error_count = models.PositiveIntegerField(default=0)

    objects = TenantQuerySet.as_manager()

    class Meta:
        verbose_name = "activity sweep"
        indexes = [models.Index(fields=["tenant", "-id"], name="sweep_run_newest")]

    def __str__(self) -> str:
        return f"Activity sweep of {self.counted_on}"

    @property
    def counted_on(self) -> date:
        return self.run.counted_on

    @property
    def changed(self) -> int:
        """How many customers changed."""
        return sum(self.changes.values())
