"""A callback of Sumsub: its bytes, stored once, and what came of it."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from common.encryption import EncryptedBytesField
from common.keys import KeyField
from customers.registry.models import Customer
from tenants.models import Tenant


class QuarantineReason(models.TextChoices):
    """Why a callback waits for a person, in a plain sentence."""

    UNREADABLE = "unreadable", "We cannot read what was sent."
    UNKNOWN_TYPE = "unknown_type", "We do not know this kind of callback."
    UNKNOWN_APPLICANT = "unknown_applicant", "We know no applicant with this id."
    OTHER_APPLICANT = (
        "other_applicant",
        "Sumsub names another applicant for this customer.",
    )
    UNEXPECTED_LEVEL = "unexpected_level", "Approved for a level we do not use."
    SANDBOX = "sandbox", "It comes from Sumsub’s sandbox."
    NOT_FOUND = "not_found", "Sumsub shows no such applicant."
    DOES_NOT_FIT = "does_not_fit", "It does not fit where the customer stands."


class CallbackQuerySet(models.QuerySet[Any]):
    def for_user(self, user: Any) -> Self:
        """Callbacks of the user's institution, and those that belong to nobody yet.

        A callback without an owner names no customer, so every institution of this
        installation may look at it; applying it still needs the owner.
        """
        tenant_id = getattr(user, "tenant_id", None)
        if tenant_id is None:
            return self.none()
        return self.filter(Q(tenant_id=tenant_id) | Q(tenant=None))

    def quarantined(self) -> Self:
        return self.filter(status=Callback.Status.QUARANTINED)

    def unprocessed(self) -> Self:
        return self.filter(status=Callback.Status.RECEIVED)


class Callback(models.Model):
    """What Sumsub posted, byte by byte."""

    class Status(models.TextChoices):
        RECEIVED = "received", "Received"
        APPLIED = "applied", "Applied"
        LATE = "late", "Late, changed nothing"
        IGNORED = "ignored", "Not about a review"
        QUARANTINED = "quarantined", "Quarantined"

    id = KeyField(primary_key=True)
    tenant = models.ForeignKey(
        Tenant, null=True, on_delete=models.PROTECT, related_name="+"
    )
    customer = models.ForeignKey(
        Customer, null=True, on_delete=models.PROTECT, related_name="callbacks"
    )
    body = EncryptedBytesField()
    body_sha256 = models.CharField(max_length=64, unique=True)
    received_at = models.DateTimeField()

    # The hint, taken from the body; "" where it says nothing.
    type = models.CharField(max_length=64, blank=True)
    applicant_id = models.CharField(max_length=64, blank=True)
    external_user_id = models.CharField(max_length=255, blank=True)
    correlation_id = models.CharField(max_length=64, blank=True)
    level_name = models.CharField(max_length=255, blank=True)
    review_status = models.CharField(max_length=64, blank=True)
    review_answer = models.CharField(max_length=64, blank=True)
    sent_at = models.DateTimeField(null=True)
    sent_at_text = models.CharField(max_length=64, blank=True)
    is_sandbox = models.BooleanField(null=True)
    is_test = models.BooleanField(default=False)

    status = models.CharField(max_length=12, choices=Status, default=Status.RECEIVED)
    reason = models.CharField(max_length=20, choices=QuarantineReason, blank=True)
    note = models.TextField(blank=True)
    settled_at = models.DateTimeField(null=True)

    objects = CallbackQuerySet.as_manager()

    class Meta:
        permissions = [("resolve_callback", "Can re-fetch or replay a callback")]
        constraints = [
            # A resend need not be byte for byte the same; one event has one of these.
            models.UniqueConstraint(
                fields=[
                    "applicant_id", "type", "sent_at_text", "correlation_id",
                    "review_status",
                ],
                condition=~Q(applicant_id="") & ~Q(sent_at_text=""),
                name="callback_event_once",
            )
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["received_at"],
                condition=Q(status="quarantined"),
                name="callback_quarantined",
            ),
            models.Index(
                fields=["received_at"],
                condition=Q(status="received"),
                name="callback_unprocessed",
            ),
            models.Index(fields=["-received_at"], name="callback_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.type or 'unreadable'} {self.sent_at_text}".strip()


class CallbackRefusal(models.Model):
    """How many callbacks were refused at the door, per day; nothing else is kept."""

    on = models.DateField(primary_key=True)
    count = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.on}: {self.count}"

    @classmethod
    def count_one(cls, on: date) -> None:
        if not cls.objects.filter(on=on).update(count=F("count") + 1):
            CallbackRefusal.objects.bulk_create(
                [CallbackRefusal(on=on)], ignore_conflicts=True
            )
            cls.objects.filter(on=on).update(count=F("count") + 1)
