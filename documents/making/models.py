"""The base of every file that a worker makes for somebody, and keeps for a day."""

from abc import abstractmethod
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.lifecycle import transition
from events.events import Event
from tenants.models import TenantOwned, TenantQuerySet

VALID_FOR = timedelta(hours=24)  # domain §15: a link that lives a day
# What no worker has finished by then is asked for anew.
PATIENCE = timedelta(hours=6)


class Status(models.TextChoices):
    QUEUED = "queued", "Queued"
    BUILDING = "building", "Being made"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"
    EXPIRED = "expired", "Expired"


OPEN = (Status.QUEUED, Status.BUILDING)
# Nobody may have these any more; a subclass may know more such words.
OVER = ("failed", "cancelled", "expired")


class MadeFileQuerySet(TenantQuerySet):
    def open(self) -> Self:
        return self.filter(status__in=OPEN)

    def ended_by(self, now: datetime) -> Self:
        return self.filter(status=Status.READY, expires_at__lte=now)

    def abandoned_by(self, now: datetime) -> Self:
        """Asked for long ago, and no worker is at it."""
        idle = Q(building_until=None) | Q(building_until__lt=now)
        return self.open().filter(idle, requested_at__lt=now - PATIENCE)

    def to_be_removed(self) -> Self:
        """Nobody may have them any more, and the store may hold their bytes still."""
        return self.filter(status__in=OVER).exclude(key="")


class MadeFile(TenantOwned):
    """One file, from the question to the end of its day."""

    # Why it is needed, such as the examiner's own reference.
    reason = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    requested_at = models.DateTimeField("asked for")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    progress = models.PositiveSmallIntegerField(default=0)  # per cent
    step = models.CharField(max_length=100, blank=True)
    # Who builds it now and until when it is theirs; the next one takes it after that.
    build = models.UUIDField(null=True, editable=False)
    building_until = models.DateTimeField(null=True, editable=False)
    ready_at = models.DateTimeField("ready", null=True)
    expires_at = models.DateTimeField("expires", null=True)
    size = models.PositiveBigIntegerField(default=0)  # bytes
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    key = models.CharField(max_length=120, blank=True)  # in the store
    error = models.CharField(max_length=200, blank=True)

    class Meta(TenantOwned.Meta):
        abstract = True

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    @abstractmethod
    def place(self) -> str:
        """Where the store is asked to put it."""

    @abstractmethod
    def fact(self, status: str) -> Event:
        """The event that says so."""

    def is_downloadable(self, now: datetime) -> bool:
        """Whether its day is not over; the sweep may come an hour late."""
        is_ready = self.status == Status.READY
        return bool(is_ready and self.expires_at and now < self.expires_at)

    @transition(Status.QUEUED, Status.BUILDING, to=Status.BUILDING)
    def begin(self) -> None:
        """Make it, anew where somebody began before."""
        self.progress, self.step, self.error = 0, "", ""

    @transition(Status.BUILDING, to=Status.READY)
    def finish(self, *, key: str, size: int, sha256: str, at: datetime) -> Any:
        """Offer it for download."""
        self.key, self.size, self.sha256 = key, size, sha256
        self.ready_at, self.expires_at = at, at + VALID_FOR
        self.progress, self.step, self.error = 100, "", ""
        return self.fact(Status.READY)

    @transition(*OPEN, to=Status.FAILED)
    def fail(self, error: str) -> Any:
        """Give up making it."""
        self.error = error[:200]
        # Killed between the store and our table, bytes may lie there.
        self.key = self.place
        return self.fact(Status.FAILED)

    @transition(Status.READY, to=Status.EXPIRED)
    def expire(self) -> Any:
        """Take it from everybody."""
        return self.fact(Status.EXPIRED)
