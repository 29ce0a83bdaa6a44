"""Evidence packs that somebody asked for, and who downloaded them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.keys import KeyField
from customers.registry.models import Customer
from documents.making.models import PATIENCE as PATIENCE
from documents.making.models import (
    MadeFile,
    MadeFileQuerySet,
    Status,
)
from evidence.events import (
    EvidenceEvent,
    EvidenceExpired,
    EvidenceFailed,
    EvidenceReady,
)

FACTS: dict[str, type[EvidenceEvent]] = {
    Status.READY: EvidenceReady,
    Status.FAILED: EvidenceFailed,
    Status.EXPIRED: EvidenceExpired,
}


class EvidencePack(MadeFile):
    """All about one customer in one ZIP, for a day."""

    Status = Status

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="evidence_packs"
    )
    objects = MadeFileQuerySet.as_manager()

    class Meta(MadeFile.Meta):
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
    def place(self) -> str:
        """Where the store is asked to put it."""
        return f"evidence/{self.pk}.zip"

    def fact(self, status: str) -> EvidenceEvent:
        """The event that says so."""
        ids = {"customer_id": str(self.customer_id), "pack_id": str(self.pk)}
        return FACTS[status](**ids)


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
