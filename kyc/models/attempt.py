"""An attempt to verify a customer at a provider."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from customers.registry.models import Customer
from tenants.models import TenantOwned, TenantQuerySet


class ApplicantQuerySet(TenantQuerySet):
    def open(self) -> Self:
        return self.filter(status__in=Applicant.OPEN)

    def unseen_since(self, moment: datetime) -> Self:
        """Open ones that Sumsub was not asked about since then."""
        never = Q(fetched_at=None, started_at__lt=moment)
        return self.open().filter(never | Q(fetched_at__lt=moment))


class Applicant(TenantOwned):
    """One attempt of one customer; the newest one counts."""

    class Provider(models.TextChoices):
        SUMSUB = "sumsub", "Sumsub"
        MANUAL = "manual", "By hand"

    class Status(models.TextChoices):
        STARTED = "started", "Started"
        IN_REVIEW = "in_review", "In review"
        NEEDS_USER = "needs_user", "Needs customer"
        ON_HOLD = "on_hold", "On hold"
        APPROVED = "approved", "Approved"
        RESUBMIT = "resubmit", "Resubmit"
        REJECTED = "rejected", "Rejected"
        CLOSED = "closed", "Closed"

    OPEN = (
        Status.STARTED, Status.IN_REVIEW, Status.NEEDS_USER, Status.ON_HOLD,
        Status.RESUBMIT,
    )  # fmt: skip

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="attempts"
    )
    provider = models.CharField(
        max_length=10, choices=Provider, default=Provider.SUMSUB
    )
    level = models.CharField(max_length=255)
    # "" until Sumsub has made one: the link alone does not.
    applicant_id = models.CharField(max_length=64, blank=True)
    is_renewal = models.BooleanField(default=False)
    # The provider's applicant was used before: its old verdict does not count here.
    is_repeat = models.BooleanField(default=False)
    status = models.CharField(max_length=12, choices=Status, default=Status.STARTED)
    verdict = models.CharField(max_length=12, blank=True)
    labels = models.JSONField(default=list, blank=True)
    # May be shown to the customer; the other may not, it can hold private detail.
    moderation_comment = models.TextField(blank=True)
    client_comment = models.TextField(blank=True)
    attempt_count = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    link_expires_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    # Stamp of the newest state event applied; strictly older ones are late.
    last_state_at = models.DateTimeField(null=True)
    # When the answer that was applied last was asked for.
    fetched_at = models.DateTimeField(null=True)
    # Names of the fields where Sumsub says the same as our file; no values.
    agreed_fields = models.JSONField(default=list, blank=True)

    objects = ApplicantQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        verbose_name = "KYC attempt"
        permissions = [
            ("start_kyc", "Can start KYC"),
            ("restart_kyc", "Can start KYC again after a rejection"),
            ("decide_kyc", "Can decide KYC by hand"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(
                    status__in=[
                        "started", "in_review", "needs_user", "on_hold", "resubmit",
                    ]
                ),
                name="attempt_open_once",
            )
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["applicant_id"], name="attempt_applicant"),
            models.Index(fields=["customer", "-started_at"], name="attempt_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_provider_display()} {self.level}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    def is_of_before(self, reviewed_at: datetime | None) -> bool:
        """Whether a verdict given then made this second attempt necessary.

        A renewal must not be granted, nor a new attempt refused, on the old review.
        Once this attempt has seen the applicant without a verdict, the old one is gone.
        """
        if not self.is_repeat or self.verdict:
            return False
        return reviewed_at is None or reviewed_at < self.started_at

    def was_ever(self, status: str) -> bool:
        return bool(self.history.filter(status=status).exists())
