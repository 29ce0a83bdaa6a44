"""Tiers and channel rules of an institution, evidence of customers, KYC deadlines."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

from common.keys import KeyField
from customers.registry.choices import Channel
from customers.registry.models import Customer
from customers.tiers.choices import EvidenceKind
from customers.tiers.ladder import needs_words
from tenants.models import TenantOwned, TenantQuerySet

__all__ = ["ChannelRule", "Evidence", "EvidenceKind", "KycDeadline", "Tier"]


class Tier(TenantOwned):
    """What a customer of this tier may do; no limit is None.

    What it needs is the rule of customers/tiers/ladder.py, the same at every bank.
    """

    number = models.PositiveSmallIntegerField("tier", editable=False)
    name = models.CharField(max_length=40)
    # Three digits stand behind the point of some currencies (ISO 4217).
    max_balance = models.DecimalField(
        "maximum balance", max_digits=18, decimal_places=3, null=True, blank=True
    )
    max_transaction = models.DecimalField(
        "largest transaction", max_digits=18, decimal_places=3, null=True, blank=True
    )
    access = models.CharField(max_length=200, blank=True)
    features = models.CharField(max_length=200, blank=True)

    objects = TenantQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        verbose_name = "tier"
        permissions = [("foresee_tiers", "Can ask what other limits would do")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="tier_once"),
            models.CheckConstraint(
                name="tier_is_known",
                condition=Q(number__gte=1, number__lte=4),
            ),
            models.CheckConstraint(
                name="tier_limits_above_zero",
                condition=(Q(max_balance=None) | Q(max_balance__gt=0))
                & (Q(max_transaction=None) | Q(max_transaction__gt=0)),
                violation_error_message="Limits must be above 0; empty is no limit.",
            ),
            models.CheckConstraint(
                name="tier_transaction_within_balance",
                condition=Q(max_balance=None)
                | Q(
                    max_transaction__isnull=False, max_transaction__lte=F("max_balance")
                ),
                violation_error_message=(
                    "One transaction may not be larger than the maximum balance."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def needs(self) -> str:
        return needs_words(self.number)


class ChannelRule(TenantOwned):
    """How long a channel gives until KYC, and which contacts it wants verified."""

    channel = models.CharField(max_length=10, choices=Channel, editable=False)
    kyc_within_days = models.PositiveSmallIntegerField(
        "KYC within days", help_text="0: on the day of registration."
    )
    needs_phone = models.BooleanField("phone verified", default=True)
    needs_email = models.BooleanField("e-mail verified", default=False)

    objects = TenantQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        verbose_name = "channel"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "channel"], name="channel_once")
        ]

    def __str__(self) -> str:
        return str(self.get_channel_display())


def in_force(today: date, of: str = "") -> Q:
    """Not withdrawn, and the last day of validity counts; `of` leads to evidence."""
    lasting = Q(**{f"{of}valid_until": None}) | Q(**{f"{of}valid_until__gte": today})
    return lasting & Q(**{f"{of}withdrawn_at": None})


class EvidenceQuerySet(TenantQuerySet):
    def in_force(self, today: date) -> Self:
        return self.filter(in_force(today))

    def lapsed(self, today: date) -> Self:
        """Out of force by the calendar, and nobody has drawn the consequence."""
        return self.filter(withdrawn_at=None, valid_until__lt=today)


class Evidence(TenantOwned):
    """One thing that proves something about a customer, and who says so."""

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="evidence"
    )
    kind = models.CharField(max_length=24, choices=EvidenceKind)
    # What it stands on, e.g. "document:0198…"; a second passport is a second row.
    source = models.CharField(max_length=80)
    valid_until = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "kind", "source"], name="evidence_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["tenant", "valid_until"],
                condition=Q(withdrawn_at=None),
                name="evidence_lapsing",
            )
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class KycDeadline(models.Model):
    """What was done about a customer's deadline, so that each is done once."""

    id = KeyField(primary_key=True)
    customer = models.OneToOneField(
        Customer, on_delete=models.PROTECT, related_name="+"
    )
    # The channel's term when they were warned; another term warns anew.
    days = models.PositiveSmallIntegerField(null=True)
    due_on = models.DateField()
    warned_at = models.DateTimeField(null=True)
    # None while the e-mail did not go out, or where there is no address.
    mailed_at = models.DateTimeField(null=True)
    missed_at = models.DateTimeField(null=True)
    # The term of who was reinstated begins then; None: it began at registration.
    began_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"KYC until {self.due_on}"
