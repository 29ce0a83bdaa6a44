"""Evidence packs that somebody asked for, and who downloaded them."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.keys import KeyField
from common.lifecycle import transition
from customers.registry.models import Customer
from evidence.events import EvidenceExpired, EvidenceFailed, EvidenceReady
from tenants.models import TenantOwned, TenantQuerySet

VALID_FOR = timedelta(hours=24)  # domain §15: a link that lives a day
# What no worker has finished by then is asked for anew.
PATIENCE = timedelta(hours=6)


class EvidencePackQuerySet(TenantQuerySet):
    def open(self) -> Self:
        return self.filter(status__in=EvidencePack.OPEN)

    def ended_by(self, now: datetime) -> Self:
        return self.filter(status=EvidencePack.Status.READY, expires_at__lte=now)

    def abandoned_by(self, now: datetime) -> Self:
        """Asked for long ago, and no worker is at it."""
        idle = Q(building_until=None) | Q(building_until__lt=now)
        return self.open().filter(idle, requested_at__lt=now - PATIENCE)

    def to_be_removed(self) -> Self:
        """Nobody may have them any more, and the store may hold their bytes still."""
        over = (EvidencePack.Status.EXPIRED, EvidencePack.Status.FAILED)
        return self.filter(status__in=over).exclude(key="")


class EvidencePack(TenantOwned):
    """All about one customer in one ZIP, for a day."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        BUILDING = "building", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        EXPIRED = "expired", "Expired"

    OPEN = (Status.QUEUED, Status.BUILDING)

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="evidence_packs"
    )
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

    objects = EvidencePackQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        permissions = [("request_pack", "Can ask for an evidence pack")]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "requested_by"],
                condition=Q(status__in=["queued", "building"]),
                name="evidence_open_once",
            ),
            models.CheckConstraint(
                name="evidence_ready_is_whole",
                condition=~Q(status="ready")
                | Q(expires_at__isnull=False) & ~Q(key="") & ~Q(sha256=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "-requested_at", "-id"], name="evidence_list"
            ),
            models.Index(
                fields=["customer", "-requested_at"], name="evidence_customer"
            ),
            models.Index(
                fields=["expires_at"],
                condition=Q(status="ready"),
                name="evidence_ready",
            ),
        ]

    def __str__(self) -> str:
        return f"evidence pack of {self.customer}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def place(self) -> str:
        """Where the store is asked to put it."""
        return f"evidence/{self.pk}.zip"

    def is_downloadable(self, now: datetime) -> bool:
        """Whether its day is not over; the sweep may come an hour late."""
        is_ready = self.status == self.Status.READY
        return bool(is_ready and self.expires_at and now < self.expires_at)

    @transition(Status.QUEUED, Status.BUILDING, to=Status.BUILDING)
    def begin(self) -> None:
        """Make it, anew where somebody began before."""
        self.progress, self.step, self.error = 0, "", ""

    @transition(Status.BUILDING, to=Status.READY)
    def finish(
        self, *, key: str, size: int, sha256: str, at: datetime
    ) -> EvidenceReady:
        """Offer it for download."""
        self.key, self.size, self.sha256 = key, size, sha256
        self.ready_at, self.expires_at = at, at + VALID_FOR
        self.progress, self.step, self.error = 100, "", ""
        return EvidenceReady(**self._named())

    @transition(*OPEN, to=Status.FAILED)
    def fail(self, error: str) -> EvidenceFailed:
        """Give up making it."""
        self.error = error[:200]
        # Killed between the store and our table, bytes may lie there.
        self.key = self.place
        return EvidenceFailed(**self._named())

    @transition(Status.READY, to=Status.EXPIRED)
    def expire(self) -> EvidenceExpired:
        """Take it from everybody."""
        return EvidenceExpired(**self._named())

    def _named(self) -> dict[str, str]:
        return {"customer_id": str(self.customer_id), "pack_id": str(self.pk)}


class EvidenceDownload(models.Model):
    """Who took a pack out of the house; never changed."""

    id = KeyField(primary_key=True)
    pack = models.ForeignKey(
        EvidencePack, on_delete=models.PROTECT, related_name="downloads"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["pack", "-at"], name="evidence_downloads")]

    def __str__(self) -> str:
        return f"{self.by} on {self.at:%Y-%m-%d}"
