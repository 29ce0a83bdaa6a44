"""Hold a run: one at a time for each institution, taken over when its holder dies."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from common.errors import DomainError
from deposits.activity.report import Report
from deposits.activity.rule import Rule
from deposits.models import SweepRun
from tenants.models import Tenant


class LostLeaseError(Exception):
    """Another process has taken the run over; ours must leave no trace."""


@dataclass
class Held:
    """A run in our hands, and what is recorded of it so far."""

    run: SweepRun
    lease: UUID
    report: Report

    @property
    def rule(self) -> Rule:
        run = self.run
        return Rule(
            counted_on=run.counted_on,
            time_zone=run.time_zone,
            inactive_after_days=run.inactive_after_days,
            suspended_after_days=run.suspended_after_days,
        )

    def record(self, done: Report, *, cursor: UUID | None) -> None:
        """Keep what a batch did, in its own transaction, and hold on for longer.

        Raises LostLeaseError, which undoes the batch, when the run is another's.
        """
        report = self.report.plus(done)
        self._write(
            cursor=cursor or self.run.cursor,
            leased_until=_lease_end(timezone.now()),
            **report.columns(),
        )
        self.run.cursor, self.report = cursor or self.run.cursor, report

    def finish(self) -> None:
        self._write(
            status=SweepRun.Status.DONE,
            finished_at=timezone.now(),
            lease=None,
            leased_until=None,
        )
        self.run.refresh_from_db()

    def _write(self, **values: object) -> None:
        ours = SweepRun.objects.filter(pk=self.run.pk, lease=self.lease)
        if not ours.update(**values):
            raise LostLeaseError(f"{self.run} was taken over.")


def take_run(tenant: Tenant, rule: Rule) -> Held:
    """Begin a run, or take up the one whose holder died, whatever its day.

    Raises DomainError while another process is at it.
    """
    now, lease = timezone.now(), uuid4()
    mine = SweepRun.objects.for_tenant(tenant.pk)
    if mine.dropped(now).update(
        lease=lease, leased_until=_lease_end(now), starts=F("starts") + 1
    ):
        run = mine.get(lease=lease)
        return Held(run, lease, Report.of(run))
    if not mine.running().exists():
        try:
            return Held(_begin(tenant, rule, lease, now), lease, Report())
        except IntegrityError:
            pass  # another began in this very moment
    raise DomainError(f"The activity sweep of {tenant} is running already.")


@transaction.atomic
def _begin(tenant: Tenant, rule: Rule, lease: UUID, now: datetime) -> SweepRun:
    run: SweepRun = SweepRun.objects.create(
        tenant=tenant,
        counted_on=rule.counted_on,
        time_zone=rule.time_zone,
        inactive_after_days=rule.inactive_after_days,
        suspended_after_days=rule.suspended_after_days,
        lease=lease,
        leased_until=_lease_end(now),
        started_at=now,
    )
    return run


def _lease_end(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.DELIVERY_LEASE_SECONDS)
