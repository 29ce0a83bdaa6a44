"""What rules found about customers, and how many each found day by day."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.keys import KeyField
from customers.quality.rules.board import RULES, Rule
from customers.registry.models import Customer
from tenants.models import Tenant, TenantQuerySet

LONGEST_DETAIL = 200  # characters: a few keys of a form


class FindingQuerySet(TenantQuerySet):
    def open(self) -> Self:
        return self.filter(closed_on=None)

    def counting(self) -> Self:
        """Open ones that nobody has accepted."""
        return self.open().filter(accepted_at=None)

    def accepted(self) -> Self:
        return self.open().exclude(accepted_at=None)

    def closed(self) -> Self:
        return self.exclude(closed_on=None)

    def older_than(self, day: date) -> Self:
        return self.filter(opened_on__lt=day)


class Finding(models.Model):
    """Something a rule found; it closes by itself when the data is right.

    A machine's record without versions. An acceptance is an event, and ends when the
    data that was accepted is another.
    """

    id = KeyField(primary_key=True)
    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="+", editable=False
    )
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=40)
    # What the rule found it at, where one customer has several: the id of a contact.
    subject = models.CharField(max_length=36, blank=True)
    # A code or names of fields, never what stands in them.
    detail = models.CharField(max_length=LONGEST_DETAIL, blank=True)
    opened_on = models.DateField("open since")
    last_seen_on = models.DateField("last seen")
    closed_on = models.DateField("closed", null=True)
    accepted_at = models.DateTimeField("accepted", null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    accepted_reason = models.CharField(max_length=300, blank=True)
    # A keyed hash of what was accepted; "" where nothing is.
    accepted_mark = models.CharField(max_length=64, blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        permissions = [
            ("accept_finding", "Can accept a finding"),
            ("run_check", "Can check data quality now"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "rule", "subject"],
                condition=Q(closed_on=None),
                name="finding_open_once",
            ),
            models.CheckConstraint(
                name="finding_acceptance_is_whole",
                condition=Q(accepted_at=None, accepted_by=None, accepted_mark="")
                | Q(accepted_at__isnull=False, accepted_by__isnull=False)
                & ~Q(accepted_mark="")
                & ~Q(accepted_reason=""),
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-opened_on", "-id"], name="finding_list"),
            models.Index(
                fields=["tenant", "rule", "-opened_on"],
                condition=Q(closed_on=None),
                name="finding_open",
            ),
            models.Index(fields=["tenant", "closed_on"], name="finding_closed"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def known_rule(self) -> Rule | None:
        """None when no release of ours knows the rule any more."""
        return RULES.get(self.rule)

    @property
    def title(self) -> str:
        known = self.known_rule
        return known.title if known else self.rule.replace("_", " ").capitalize()

    @property
    def detail_words(self) -> str:
        known = self.known_rule
        return known.words(self.detail) if known else self.detail

    @property
    def is_counting(self) -> bool:
        return self.closed_on is None and self.accepted_at is None


class DailyCount(models.Model):
    """How many findings a rule had at the end of one night's run."""

    id = KeyField(primary_key=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=40)
    day = models.DateField()
    open = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0)
    closed = models.PositiveIntegerField(default=0)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "rule", "day"], name="quality_count_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule} on {self.day}"


class CheckedFile(models.Model):
    """What the rules about files said of one, and of which; worked out, no versions.

    It is used as long as `seal` is that of the file as it stands, for so many days.
    """

    # It says nothing without the customer, and may go with them.
    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    # A keyed hash of the file as it is stored, and of the rules.
    seal = models.CharField(max_length=64)
    read_on = models.DateField()
    # [[rule, detail, subject, mark]], as in findings: nothing of what the file says.
    hits = models.JSONField(default=list)

    objects = TenantQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.customer_id)
