"""Who is at something right now, so that two people do not do it side by side."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models

from common.keys import KeyField
from tenants.models import Tenant, TenantQuerySet, User


class ClaimKind(models.TextChoices):
    DOCUMENT_REVIEW = "document_review", "Document review"
    KYC_CASE = "kyc_case", "KYC case"
    MESSAGE = "message", "Message to give"


class ClaimQuerySet(TenantQuerySet):
    def running(self, kind: ClaimKind, now: datetime) -> Self:
        """Those whose lease has not ended, of people who have not left."""
        return self.filter(kind=kind, until__gt=now, by__is_active=True)


class Claim(models.Model):
    """A word that somebody is at it, for half an hour; it binds nobody.

    No business record: it decides nothing, ends by itself and has no versions.
    """

    id = KeyField(primary_key=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=ClaimKind)
    subject_id = models.UUIDField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    since = models.DateTimeField()
    until = models.DateTimeField()

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "kind", "subject_id"], name="claim_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject_id}"

    def is_running(self, now: datetime) -> bool:
        return self.until > now and self.by.is_active

    def give(self, to: User, *, now: datetime, until: datetime) -> None:
        """Let `to` have it; their own goes on since it began."""
        if self.by_id != to.pk or self.until <= now:
            self.by, self.since = to, now
        self.until = until
