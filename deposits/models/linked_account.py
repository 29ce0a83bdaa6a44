"""An account or wallet that a customer holds elsewhere, and test amounts sent to it."""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, IntegerField, Q, When

from common.encryption import EncryptedTextField
from common.keys import KeyField
from common.lifecycle import transition
from customers.registry.choices import LIVING
from customers.registry.models import Customer
from deposits.events import (
    LinkedAccountRefused,
    LinkedAccountRemoved,
    LinkedAccountVerified,
)
from deposits.linked.choices import (
    WORLDWIDE,
    LinkedKind,
    NameMatch,
    NumberKind,
    RefusalReason,
    Way,
)
from documents.models import Document
from tenants.models import Tenant, TenantOwned, TenantQuerySet


class LinkedAccountQuerySet(TenantQuerySet):
    def living(self) -> Self:
        """Those that are used or may yet be."""
        return self.filter(
            status__in=(LinkedAccount.Status.UNVERIFIED, LinkedAccount.Status.VERIFIED)
        )

    def of_customer(self, customer_id: Any) -> Self:
        """Those that nobody removed: the primary one first, then the oldest."""
        mine = self.filter(customer_id=customer_id)
        kept = mine.exclude(status=LinkedAccount.Status.REMOVED)
        return kept.order_by("-is_primary", "id")

    def sharing_with(self, row: "LinkedAccount") -> Self:
        """Those of other customers of the institution with the same number.

        Refused and removed ones count, and those of who has left: somebody came with
        that number. Those in use stand first. An IBAN or a phone is the only one of
        its kind in the world, another number within its country.
        """
        same = self.filter(tenant_id=row.tenant_id, number_index=row.number_index)
        others = same.exclude(customer_id=row.customer_id)
        if row.number_kind not in WORLDWIDE:
            others = others.filter(country=row.country)
        is_past = Q(status=LinkedAccount.Status.REMOVED)
        is_past |= ~Q(customer__status__in=LIVING)
        past = Case(When(is_past, then=1), default=0, output_field=IntegerField())
        return others.order_by(past, "pk")


class LinkedAccount(TenantOwned):
    """One bank account or wallet elsewhere; its number is shown by its last digits."""

    class Status(models.TextChoices):
        UNVERIFIED = "unverified", "Not verified"
        VERIFIED = "verified", "Verified"
        REFUSED = "refused", "Refused"
        REMOVED = "removed", "Removed"

    # Columns that no page of versions and no evidence pack shows.
    withheld: ClassVar[frozenset[str]] = frozenset({"number", "number_index"})

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="linked_accounts"
    )
    kind = models.CharField(max_length=10, choices=LinkedKind)
    institution = models.CharField(max_length=120)
    holder_name = models.CharField("holder", max_length=200)
    country = models.CharField(max_length=3)  # ISO 3166-1 alpha-3
    number = EncryptedTextField()
    number_kind = models.CharField(max_length=10, choices=NumberKind)
    number_index = models.CharField(max_length=64)  # common/blind_index.py
    last_four = models.CharField("number ends in", max_length=4)

    status = models.CharField(max_length=10, choices=Status, default=Status.UNVERIFIED)
    is_primary = models.BooleanField("primary for payouts", default=False)
    added_at = models.DateTimeField("added")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    way = models.CharField("verified by", max_length=12, choices=Way, blank=True)
    name_match = models.CharField("name", max_length=5, choices=NameMatch, blank=True)
    proof = models.ForeignKey(
        Document, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("decided", null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    refusal = models.CharField(
        "why refused", max_length=24, choices=RefusalReason, blank=True
    )

    objects = LinkedAccountQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        permissions = [
            ("link_account", "Can add or remove a linked account"),
            ("verify_linkedaccount", "Can verify or refuse a linked account"),
            ("send_test_amount", "Can make a test amount and send it"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(is_primary=True),
                name="linked_primary_once",
            ),
            models.UniqueConstraint(
                fields=["customer", "number_index", "institution"],
                condition=Q(status__in=["unverified", "verified"]),
                name="linked_number_once",
            ),
            models.UniqueConstraint(
                fields=["customer", "number_index"],
                condition=Q(
                    status__in=["unverified", "verified"],
                    number_kind__in=["iban", "phone"],
                ),
                name="linked_worldwide_once",
            ),
            models.CheckConstraint(
                name="linked_primary_is_verified",
                condition=Q(is_primary=False) | Q(status="verified"),
            ),
            models.CheckConstraint(
                name="linked_primary_in_own_name",
                condition=Q(is_primary=False) | Q(name_match__in=["match", "close"]),
            ),
            models.CheckConstraint(
                name="linked_verified_in_some_way",
                condition=~Q(status="verified") | ~Q(way=""),
            ),
            models.CheckConstraint(
                name="linked_refused_with_reason",
                condition=~Q(status="refused") | ~Q(refusal=""),
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-added_at", "-id"], name="linked_list"),
            models.Index(fields=["tenant", "number_index"], name="linked_number"),
        ]

    def __str__(self) -> str:
        return f"{self.institution} {self.shown}"

    @property
    def shown(self) -> str:
        """The number as anybody ever sees it."""
        return f"••••{self.last_four}"

    @transition(Status.UNVERIFIED, to=Status.VERIFIED)
    def verify(
        self, way: Way, name_match: NameMatch, at: datetime
    ) -> LinkedAccountVerified:
        """Take it as the customer's own."""
        self.way, self.name_match, self.decided_at = way, name_match, at
        return LinkedAccountVerified(**self._named(), way=way)

    @transition(Status.UNVERIFIED, to=Status.REFUSED)
    def refuse(self, reason: RefusalReason, at: datetime) -> LinkedAccountRefused:
        """Take no part of it."""
        self.refusal, self.decided_at = reason, at
        return LinkedAccountRefused(**self._named(), reason=reason)

    @transition(Status.UNVERIFIED, Status.VERIFIED, Status.REFUSED, to=Status.REMOVED)
    def remove(self) -> LinkedAccountRemoved:
        """Use it no more; the row and its versions stay."""
        self.is_primary = False
        return LinkedAccountRemoved(**self._named())

    def _named(self) -> dict[str, str]:
        return {
            "customer_id": str(self.customer_id),
            "linked_account_id": str(self.pk),
            "kind": self.kind,
        }


class ProofAmountQuerySet(TenantQuerySet):
    def open(self) -> Self:
        """Neither answered, used up nor replaced; it may have expired."""
        return self.filter(ended_at=None)


class ProofAmount(models.Model):
    """A small amount sent to a linked account; kept as a keyed hash alone.

    It is a record already and has no versions: they would outlive the hash.
    """

    id = KeyField(primary_key=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")
    linked_account = models.ForeignKey(
        LinkedAccount, on_delete=models.PROTECT, related_name="amounts"
    )
    reference = models.CharField(max_length=12)  # on the customer's statement
    digest = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    objects = ProofAmountQuerySet.as_manager()

    class Meta:
        verbose_name = "test amount"
        constraints = [
            models.UniqueConstraint(
                fields=["linked_account"],
                condition=Q(ended_at=None),
                name="proof_amount_open_once",
            ),
            models.CheckConstraint(
                name="proof_amount_ended_forgets",
                condition=Q(ended_at=None) | Q(digest=""),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def end(self, now: datetime) -> None:
        """Let no answer count any more."""
        self.digest, self.ended_at = "", now
