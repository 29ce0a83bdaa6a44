"""Assessments of customers, kept as history, and the institution’s own countries."""

from datetime import date
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from common.reading.countries import country_name
from customers.registry.choices import LIVING, Risk
from customers.registry.models import Customer
from customers.risk.choices import Diligence
from customers.risk.events import RatingOverridden
from customers.risk.rating import diligence_of, review_due
from tenants.models import TenantOwned, TenantQuerySet


class AssessmentQuerySet(TenantQuerySet):
    def current(self) -> Self:
        return self.filter(is_current=True)

    def due_by(self, day: date) -> Self:
        """Those of living customers that somebody must look at again."""
        return self.current().filter(
            review_due_on__lte=day, customer__status__in=LIVING
        )


class Assessment(TenantOwned):
    """What was said of each factor on one day, and the rating that followed."""

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="risk_assessments"
    )
    is_current = models.BooleanField(default=True)
    pack = models.CharField(max_length=40)
    pack_version = models.PositiveIntegerField()
    # Factor by factor: its key in the pack, and one of `Answer`.
    answers = models.JSONField()
    # Each country of the file: code, score, rating and where that came from.
    countries = models.JSONField(default=list)
    # Why one of them that has no score may be low.
    country_justification = models.TextField("justification of the country", blank=True)
    # What the pack said of the customer’s payments: its key, in words, and why.
    routes = models.JSONField("routing", default=list)
    computed = models.CharField("by the factors", max_length=10, choices=Risk)
    override = models.CharField(max_length=10, choices=Risk, blank=True)
    justification = models.TextField(blank=True)
    final = models.CharField("rating", max_length=10, choices=Risk)
    diligence = models.CharField(max_length=10, choices=Diligence)
    assessed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    assessed_at = models.DateTimeField("assessed")
    review_due_on = models.DateField("review due on")
    # The sweep asks for the review once and escalates it once.
    asked_at = models.DateTimeField(null=True, editable=False)
    escalated_at = models.DateTimeField(null=True, editable=False)

    objects = AssessmentQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        permissions = [("assess_customer", "Can assess a customer's risk")]
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(is_current=True),
                name="assessment_current_once",
            ),
            models.CheckConstraint(
                name="assessment_final_follows",
                condition=Q(override="", final=F("computed"))
                | ~Q(override="") & Q(final=F("override")),
            ),
            models.CheckConstraint(
                name="assessment_override_is_justified",
                condition=Q(override="") | ~Q(justification=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "-assessed_at", "-id"], name="assessment_list"
            ),
            models.Index(
                fields=["customer", "-assessed_at"], name="assessment_customer"
            ),
            models.Index(
                fields=["tenant", "review_due_on"],
                condition=Q(is_current=True),
                name="assessment_due",
            ),
        ]

    def __str__(self) -> str:
        return f"Risk assessment of {self.customer}"

    def conclude(self, final: Risk) -> None:
        """Let depth and term follow from the rating, counted from its own day."""
        self.final, self.diligence = final, diligence_of(final)
        on = timezone.localdate(self.assessed_at, ZoneInfo(self.tenant.time_zone))
        self.review_due_on = review_due(final, on)

    def overrule(self, rating: Risk, justification: str) -> RatingOverridden:
        """Rate otherwise than the factors say."""
        self.override, self.justification = rating, justification
        self.conclude(rating)
        return RatingOverridden(
            customer_id=str(self.customer_id), assessment_id=str(self.pk),
            computed=self.computed, risk=rating,
        )  # fmt: skip


class CountryRisk(TenantOwned):
    """A country that the institution rates otherwise than the index."""

    country = models.CharField(max_length=3)
    # Empty: it follows the index again; the versions keep what it was.
    rating = models.CharField(max_length=10, choices=Risk, blank=True)

    objects = TenantQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        verbose_name = "rated country"
        verbose_name_plural = "rated countries"
        permissions = [("rate_country", "Can rate a country")]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "country"], name="country_risk_once"
            )
        ]

    def __str__(self) -> str:
        return country_name(self.country)
