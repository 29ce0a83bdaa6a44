"""Jobs that run once a night for each institution: resumable, one at a time.

@nightly("segments", hour=3)
def compute_segments(night: Night) -> None:
    for window in night.windows(Customer.objects.for_tenant(night.tenant.pk)):
        with transaction.atomic():
            changed = ...  # one set, keys in (window.after, window.upto]
            night.record(window, customers=changed)
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from common.errors import DomainError
from common.text import clean
from events.models import NightlyRun
from events.sweeps import sweep
from tenants.models import Tenant

log = logging.getLogger(__name__)
WINDOW = 5000  # rows in one transaction: its locks are short, its commits are few


class LostNightError(Exception):
    """Another process has taken the run over; ours must leave no trace."""


@dataclass(frozen=True)
class Window:
    """Rows of one stage whose key is in (`after`, `upto`]; None has no end there."""

    stage: int
    after: UUID | None
    upto: UUID | None

    def of(self, rows: QuerySet[Any], key: str = "pk") -> QuerySet[Any]:
        """Those of `rows` whose `key` lies in the window."""
        if self.after:
            rows = rows.filter(**{f"{key}__gt": self.after})
        if self.upto:
            rows = rows.filter(**{f"{key}__lte": self.upto})
        return rows


@dataclass
class Night:
    """One run in our hands."""

    run: NightlyRun
    lease: UUID

    @property
    def tenant(self) -> Tenant:
        return self.run.tenant

    @property
    def counted_on(self) -> date:
        return self.run.counted_on

    def windows(
        self, rows: QuerySet[Any], *, stage: int = 0, size: int = WINDOW
    ) -> Iterator[Window]:
        """Cut the rows of a stage by key, from where a killed run stopped.

        Stages run in rising order; one that is behind us yields nothing. The last
        window is open, so that rows which come meanwhile belong to it.
        """
        if stage < self.run.stage:
            return
        after = self.run.cursor if stage == self.run.stage else None
        while True:
            keys = Window(stage, after, None).of(rows).order_by("pk")
            upto = keys.values_list("pk", flat=True)[size - 1 : size].first()
            yield Window(stage, after, upto)
            if upto is None:
                return
            after = upto

    def record(self, window: Window, **figures: int) -> None:
        """Keep what was done in the window, in its transaction, and hold on for longer.

        Raises LostNightError, which undoes the window, when the run is another's.
        """
        run = self.run
        added = {key: run.figures.get(key, 0) + n for key, n in figures.items()}
        values = {
            "stage": window.stage if window.upto else window.stage + 1,
            "cursor": window.upto,
            "figures": {**run.figures, **added},
        }
        self.write(leased_until=_lease_end(timezone.now()), **values)
        for name, value in values.items():
            setattr(run, name, value)

    def reread(self) -> None:
        """Go on from what is kept, where a window was undone and the job goes on."""
        self.run.refresh_from_db(fields=["stage", "cursor", "figures"])

    def write(self, **values: object) -> None:
        ours = NightlyRun.objects.filter(pk=self.run.pk, lease=self.lease)
        if not ours.update(**values):
            raise LostNightError(f"{self.run} was taken over.")


Job = Callable[[Night], None]


@dataclass(frozen=True)
class Nightly:
    """`hour` is local time of the institution, from which the night's run is due."""

    name: str
    hour: int
    job: Job

    @property
    def title(self) -> str:
        return self.name.replace("_", " ").capitalize()


NIGHTLIES: dict[str, Nightly] = {}


def nightly(name: str, *, hour: int) -> Callable[[Job], Job]:
    """Let a job run each night; it is harmless to run twice on one day."""

    def register(job: Job) -> Job:
        NIGHTLIES[name] = Nightly(name, hour, job)
        return job

    return register


def run_nightly(
    name: str, tenant: Tenant, *, counted_on: date | None = None
) -> NightlyRun:
    """Run a job now, by default for the institution's today.

    A run that was killed is finished first, with the day it began with. Raises
    DomainError while one is running.
    """
    day = counted_on or tenant.today
    held = _work(_take(name, tenant, day))
    if held.counted_on != day:
        held = _work(_take(name, tenant, day))
    return held.run


def _work(night: Night) -> Night:
    try:
        NIGHTLIES[night.run.name].job(night)
    except LostNightError:
        raise
    except Exception as error:
        # The run stays open and is taken up at once by the next start.
        night.write(leased_until=timezone.now(), last_error=_words_of(error))
        raise
    night.write(
        status=NightlyRun.Status.DONE, finished_at=timezone.now(),
        lease=None, leased_until=None, last_error="",
    )  # fmt: skip
    night.run.refresh_from_db()
    log.info("%s: %s", night.run, night.run.figures)
    return night


def _words_of(error: Exception) -> str:
    """One line that is never empty: an empty one would say that all is well."""
    words = clean(str(error)).partition("\n")[0]
    return f"{type(error).__name__}: {words}"[:200].removesuffix(": ")


def _take(name: str, tenant: Tenant, day: date) -> Night:
    """Begin a run, or take up the one whose holder died, whatever its day."""
    now, lease = timezone.now(), uuid4()
    mine = NightlyRun.objects.of(tenant, name)
    if mine.dropped(now).update(
        lease=lease, leased_until=_lease_end(now), starts=F("starts") + 1
    ):
        return Night(mine.select_related("tenant").get(lease=lease), lease)
    if not mine.filter(status=NightlyRun.Status.RUNNING).exists():
        try:
            return Night(_begin(name, tenant, day, lease, now), lease)
        except IntegrityError:
            pass  # another began in this very moment
    raise DomainError(f"{NIGHTLIES[name].title} of {tenant} is running already.")


@transaction.atomic
def _begin(
    name: str, tenant: Tenant, day: date, lease: UUID, now: datetime
) -> NightlyRun:
    run: NightlyRun = NightlyRun.objects.create(
        tenant=tenant, name=name, counted_on=day, lease=lease,
        leased_until=_lease_end(now), started_at=now,
    )  # fmt: skip
    return run


def _lease_end(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.DELIVERY_LEASE_SECONDS)


def run_nightlies() -> int:
    """Run what is due tonight and not done, everywhere; how many were run.

    Hourly, so that each institution's night is met and a killed run is taken up.
    """
    now, ran = timezone.now(), 0
    for tenant in Tenant.objects.order_by("pk"):
        hour = now.astimezone(ZoneInfo(tenant.time_zone)).hour
        for job in sorted(NIGHTLIES.values(), key=lambda job: job.hour):
            if hour >= job.hour and not is_done(job, tenant):
                ran += _run_quietly(job, tenant)
    return ran


def is_done(job: Nightly, tenant: Tenant) -> bool:
    """Whether the job of the institution's today has ended well."""
    runs = NightlyRun.objects.of(tenant, job.name)
    done = runs.filter(status=NightlyRun.Status.DONE, counted_on=tenant.today)
    return bool(done.exists())


def _run_quietly(job: Nightly, tenant: Tenant) -> bool:
    try:
        run_nightly(job.name, tenant)
    except DomainError as refusal:
        log.info("%s", refusal)
        return False
    except Exception:  # the next institution's night must not depend on this one's
        log.exception("%s of %s failed", job.title, tenant.pk)
        return False
    return True


sweep("nightly", every=3600)(run_nightlies)
