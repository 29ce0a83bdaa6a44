"""How much a customer uses the bank, and which segment follows from it."""

from django.db import models
from django.db.models import Q

from common.keys import KeyField
from customers.registry.models import Customer
from customers.risk.choices import Segment
from tenants.models import Tenant, TenantOwned, TenantQuerySet


class Engagement(models.Model):
    """What one customer’s use of the bank comes to; no versions.

    Worked out anew each night for up to a million customers, out of records that have
    versions themselves; a version each would keep nothing that cannot be worked out
    again. A move between segments is kept: as the event SegmentChanged.
    """

    id = KeyField(primary_key=True)
    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="+", editable=False
    )
    customer = models.OneToOneField(
        Customer, on_delete=models.PROTECT, related_name="engagement"
    )
    score = models.PositiveSmallIntegerField()
    segment = models.CharField(max_length=10, choices=Segment)
    # What was counted, and the points of each part; `Standing.kept` writes it.
    components = models.JSONField()
    # The night since which it is so: rows that come out the same are not written.
    computed_on = models.DateField("since")

    objects = TenantQuerySet.as_manager()

    class Meta:
        verbose_name = "engagement score"
        verbose_name_plural = "engagement scores"
        constraints = [
            models.CheckConstraint(
                name="engagement_score_is_of_100", condition=Q(score__lte=100)
            )
        ]
        indexes = [
            models.Index(fields=["tenant", "-score", "-id"], name="engagement_list"),
            models.Index(
                fields=["tenant", "segment", "-score", "-id"],
                name="engagement_segment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_segment_display()}, {self.score} of 100"


class SegmentRule(TenantOwned):
    """What a segment asks for, all of it at once; basic asks for nothing."""

    segment = models.CharField(max_length=10, choices=Segment, editable=False)
    min_tier = models.PositiveSmallIntegerField("tier, at least")
    # Three digits stand behind the point of some currencies (ISO 4217).
    min_balance = models.DecimalField(
        "balance, at least", max_digits=18, decimal_places=3
    )
    min_score = models.PositiveSmallIntegerField("engagement, at least")

    objects = TenantQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        verbose_name = "segment"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "segment"], name="segment_rule_once"
            ),
            models.CheckConstraint(
                name="segment_rule_in_range",
                condition=Q(min_tier__gte=1, min_tier__lte=4)
                & Q(min_balance__gte=0, min_score__lte=100),
                violation_error_message=(
                    "Tier is 1 to 4, balance 0 or more, engagement 0 to 100."
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_segment_display())
