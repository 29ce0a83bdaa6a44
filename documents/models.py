"""A document of a customer: its file, where the bytes are, what was made of it."""

from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.encryption import EncryptedBytesField
from common.keys import KeyField
from common.lifecycle import transition
from customers.registry.models import Customer
from documents.choices import (
    Deed,
    IdType,
    Kind,
    RejectReason,
    Review,
    Scan,
    Source,
    Status,
)
from documents.events import (
    DocumentAccepted,
    DocumentArchived,
    DocumentDeleted,
    DocumentFailed,
    DocumentInfected,
    DocumentRejected,
    DocumentScanned,
    DocumentStored,
)
from tenants.models import TenantOwned, TenantQuerySet


class DocumentQuerySet(TenantQuerySet):
    def kept(self) -> Self:
        """Those whose bytes are in the store."""
        return self.filter(status__in=(Status.ACTIVE, Status.ARCHIVED))

    def awaiting_review(self) -> Self:
        """Stored, not suspicious, and nobody has decided; the oldest come first."""
        waiting = self.filter(status=Status.ACTIVE, review=Review.PENDING)
        return waiting.exclude(scan__in=(Scan.WAITING, Scan.INFECTED)).order_by(
            "uploaded_at", "id"
        )

    def evidence(self, today: date) -> Self:
        """What proves something today: accepted, in force, not put away."""
        in_force = Q(expires_on=None) | Q(expires_on__gte=today)
        return self.filter(in_force, status=Status.ACTIVE, review=Review.ACCEPTED)

    def expiring_by(self, day: date) -> Self:
        return self.filter(
            status=Status.ACTIVE, review=Review.ACCEPTED, expires_on__lte=day
        )

    def interrupted_before(self, moment: datetime) -> Self:
        """Received, but whoever stored them did not live to say what came of it."""
        return self.filter(status=Status.NEW, uploaded_at__lt=moment)

    def same_file_as(self, document: "Document") -> Self:
        """Other documents of the institution with the very same bytes."""
        same = self.filter(tenant_id=document.tenant_id, sha256=document.sha256)
        return same.exclude(pk=document.pk).exclude(status=Status.DELETED)


class Document(TenantOwned):
    """One file about one customer."""

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="documents"
    )
    kind = models.CharField(max_length=24, choices=Kind)
    id_type = models.CharField("type of ID", max_length=20, choices=IdType, blank=True)
    issued_on = models.DateField("issued", null=True, blank=True)
    expires_on = models.DateField("expires", null=True, blank=True)

    status = models.CharField(max_length=10, choices=Status, default=Status.NEW)
    error = models.CharField(max_length=300, blank=True)
    original_name = models.CharField(max_length=255)
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=40)
    size = models.PositiveBigIntegerField()  # bytes
    sha256 = models.CharField("SHA-256", max_length=64)
    key = models.CharField(max_length=120)  # in the store
    scan = models.CharField(max_length=10, choices=Scan, default=Scan.OFF)
    scan_note = models.CharField(max_length=200, blank=True)

    review = models.CharField(max_length=10, choices=Review, default=Review.PENDING)
    review_reason = models.CharField(
        "reason", max_length=20, choices=RejectReason, blank=True
    )
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    source = models.CharField(max_length=10, choices=Source, default=Source.STAFF)
    # The provider's own id of the image, so that it is filed once.
    provider_id = models.CharField(max_length=64, blank=True)
    uploaded_at = models.DateTimeField("uploaded")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    # The expiry date that the customer was asked about; a new date asks anew.
    asked_again_for = models.DateField(null=True)

    objects = DocumentQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        permissions = [
            ("upload_document", "Can upload a document"),
            ("review_document", "Can accept or reject a document"),
            ("archive_document", "Can archive or delete a document"),
            ("download_document", "Can look at or download a document"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "provider_id"],
                condition=~Q(provider_id=""),
                name="document_provider_once",
            ),
            models.CheckConstraint(
                name="document_id_type_of_ids_only",
                condition=Q(id_type="") | Q(kind="id"),
            ),
            models.CheckConstraint(
                name="document_rejected_with_reason",
                condition=~Q(review="rejected") | ~Q(review_reason=""),
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-uploaded_at"], name="document_customer"),
            models.Index(
                fields=["tenant", "-uploaded_at", "-id"], name="document_list"
            ),
            models.Index(fields=["tenant", "sha256"], name="document_same_file"),
            models.Index(
                fields=["tenant", "uploaded_at"],
                condition=Q(status="active", review="pending"),
                name="document_to_review",
            ),
            models.Index(
                fields=["expires_on"],
                condition=Q(status="active", review="accepted"),
                name="document_expiring",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """What it is, in the bank's words."""
        if self.id_type:
            return str(IdType(self.id_type).label)
        return str(Kind(self.kind).label)

    @property
    def is_readable(self) -> bool:
        """Whether its bytes may be shown to whoever is allowed to."""
        is_kept = self.status in (Status.ACTIVE, Status.ARCHIVED)
        return is_kept and self.scan in (Scan.OFF, Scan.CLEAN)

    def is_expired(self, today: date) -> bool:
        return self.expires_on is not None and self.expires_on < today

    # --- where the bytes are --------------------------------------------------------

    @transition(Status.NEW, Status.FAILED, to=Status.ACTIVE)
    def store(self) -> DocumentStored:
        """Say that the store has the bytes."""
        self.error = ""
        return DocumentStored(**self._named())

    @transition(Status.NEW, to=Status.FAILED)
    def fail(self, error: str) -> DocumentFailed:
        """Say that the store did not take them."""
        self.error = error[:300]
        return DocumentFailed(**self._named())

    @transition(Status.ACTIVE, to=Status.ARCHIVED)
    def archive(self) -> DocumentArchived:
        """Put it away: it proves nothing any more, and is kept."""
        return DocumentArchived(**self._named())

    @transition(Status.ACTIVE, Status.ARCHIVED, Status.FAILED, to=Status.DELETED)
    def remove(self) -> DocumentDeleted:
        """Give up the bytes, or what never arrived whole; the row stays."""
        return DocumentDeleted(**self._named())

    # --- whether they are safe ------------------------------------------------------

    @transition(Scan.WAITING, to=Scan.CLEAN, field="scan")
    def clear(self) -> DocumentScanned:
        """Let people read it."""
        return DocumentScanned(**self._named())

    @transition(Scan.WAITING, to=Scan.INFECTED, field="scan")
    def condemn(self, signature: str) -> DocumentInfected:
        """Let nobody read it."""
        self.scan_note = signature[:200]
        return DocumentInfected(**self._named())

    # --- what it proves -------------------------------------------------------------

    @transition(Review.PENDING, to=Review.ACCEPTED, field="review")
    def accept(self, now: datetime) -> DocumentAccepted:
        """Take it as evidence."""
        self.reviewed_at = now
        return DocumentAccepted(**self._named())

    @transition(Review.PENDING, to=Review.REJECTED, field="review")
    def reject(self, reason: RejectReason, now: datetime) -> DocumentRejected:
        """Refuse it as evidence."""
        self.review_reason, self.reviewed_at = reason, now
        return DocumentRejected(**self._named(), reason=reason)

    def _named(self) -> dict[str, str]:
        return {
            "customer_id": str(self.customer_id),
            "document_id": str(self.pk),
            "kind": self.kind,
        }


class HeldChunk(models.Model):
    """Bytes that were received and that the store has not taken yet.

    In the database, because the next worker may run on another machine than the web
    process that received them; in pieces, so that nobody holds a whole file.
    """

    id = KeyField(primary_key=True)
    document = models.ForeignKey(
        Document, on_delete=models.CASCADE, related_name="held_chunks"
    )
    number = models.PositiveIntegerField()
    content = EncryptedBytesField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "number"], name="held_chunk_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.number}"


class DocumentAccess(models.Model):
    """Who read a document, or tried to; never changed."""

    id = KeyField(primary_key=True)
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, related_name="accesses"
    )
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    deed = models.CharField(max_length=10, choices=Deed)
    read_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "document accesses"
        indexes = [
            models.Index(fields=["document", "-read_at"], name="access_of_document")
        ]

    def __str__(self) -> str:
        return f"{self.reader} {self.get_deed_display().lower()}"
