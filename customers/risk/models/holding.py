"""Products that customers hold in the bank’s other systems."""

from typing import Self

from django.db import models
from django.db.models import Q

from customers.registry.models import Customer
from customers.risk.choices import HoldingKind, HoldingStatus
from tenants.models import TenantOwned, TenantQuerySet


class HoldingQuerySet(TenantQuerySet):
    def open(self) -> Self:
        return self.filter(status=HoldingStatus.OPEN)


class Holding(TenantOwned):
    """One product as its own system last reported it; nobody types it here."""

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="holdings"
    )
    kind = models.CharField(max_length=10, choices=HoldingKind)
    reference = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=HoldingStatus)
    opened_on = models.DateField("opened")
    closed_on = models.DateField("closed", null=True)
    # Keys of customers/risk/holdings/schemas.py: amounts as text, counts as numbers.
    figures = models.JSONField()
    # When it was so, by the clock of the system that reports.
    reported_at = models.DateTimeField("as of")

    objects = HoldingQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        verbose_name = "product"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "kind", "reference"], name="holding_once"
            ),
            models.CheckConstraint(
                name="holding_closed_has_a_day",
                condition=~Q(status="closed") | Q(closed_on__isnull=False),
            ),
            models.CheckConstraint(
                name="holding_closed_after_opened",
                condition=Q(closed_on=None) | Q(closed_on__gte=models.F("opened_on")),
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-reported_at", "-id"], name="holding_list"),
            models.Index(fields=["customer", "status"], name="holding_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reference}"
