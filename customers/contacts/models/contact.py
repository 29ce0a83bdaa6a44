"""A customer's phones, e-mails and addresses, and how to write to them."""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from common.memory import asked_once
from common.reading.countries import country_name
from common.reading.phone_numbers import shown_phone
from customers.contacts.choices import Kind, PreferredChannel
from customers.registry.models import Customer
from tenants.models import TenantOwned, TenantQuerySet


class ContactQuerySet(TenantQuerySet):
    def living(self) -> Self:
        """Those that nobody has removed."""
        return self.filter(removed_at=None)

    def of_customer(self, customer_id: Any) -> Self:
        """The living ones of a customer: the primary one first, then the oldest."""
        mine = self.living().filter(customer_id=customer_id)
        return mine.order_by("-is_primary", "id")


class Contact(TenantOwned):
    """What the three kinds share; a removed one stays as a row, shown to nobody."""

    kind: ClassVar[Kind]
    # The column that tells two of a kind apart; it must be proven anew when changed.
    identity: ClassVar[str]

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    type = models.CharField(max_length=40, blank=True)  # a code of its dictionary
    is_primary = models.BooleanField("primary", default=False)
    verified_at = models.DateTimeField("verified", null=True, editable=False)
    removed_at = models.DateTimeField("removed", null=True, editable=False)

    class Meta(TenantOwned.Meta):
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(is_primary=True, removed_at=None),
                name="%(class)s_primary_once",
            ),
            models.CheckConstraint(
                name="%(class)s_removed_is_not_primary",
                condition=Q(removed_at=None) | Q(is_primary=False),
            ),
        ]

    def __str__(self) -> str:
        return self.shown

    @property
    def value(self) -> str:
        return str(getattr(self, self.identity))

    @property
    def shown(self) -> str:
        """As staff read it."""
        return self.value

    def take(self, values: dict[str, str]) -> list[str]:
        """Put the values on the row; returns the names of those that differ."""
        changed = [name for name in values if getattr(self, name) != values[name]]
        for name in changed:
            setattr(self, name, values[name])
        if self.identity in changed:
            self.verified_at = None
        return changed

    def remove(self, now: datetime) -> None:
        self.is_primary, self.removed_at = False, now


class Phone(Contact):
    kind, identity = Kind.PHONE, "number"

    number = models.CharField(max_length=16)  # E.164
    operator = models.CharField("network operator", max_length=40, blank=True)

    objects = ContactQuerySet.as_manager()

    class Meta(Contact.Meta):
        abstract = False
        permissions = [("change_contact", "Can change a customer's contacts")]
        constraints = [
            *Contact.Meta.constraints,
            models.UniqueConstraint(
                fields=["customer", "number"],
                condition=Q(removed_at=None),
                name="phone_of_customer_once",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "number"], name="phone_number")]

    @property
    def shown(self) -> str:
        return shown_phone(self.number)


class Email(Contact):
    kind, identity = Kind.EMAIL, "email"

    email = models.CharField("e-mail", max_length=254)

    objects = ContactQuerySet.as_manager()

    class Meta(Contact.Meta):
        abstract = False
        verbose_name = "e-mail"
        constraints = [
            *Contact.Meta.constraints,
            models.UniqueConstraint(
                fields=["customer", "email"],
                condition=Q(removed_at=None),
                name="email_of_customer_once",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "email"], name="email_email")]


class Address(Contact):
    kind, identity = Kind.ADDRESS, "lines"

    lines = models.CharField(max_length=300)  # up to four, one below the other
    town = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=80, blank=True)
    postcode = models.CharField(max_length=16, blank=True)
    country = models.CharField(max_length=3)  # ISO 3166-1 alpha-3

    objects = ContactQuerySet.as_manager()

    class Meta(Contact.Meta):
        abstract = False
        verbose_name_plural = "addresses"
        indexes = [models.Index(fields=["customer"], name="address_of_customer")]

    @property
    def shown(self) -> str:
        town = f"{self.postcode} {self.town}".strip()
        parts = [*self.lines.split("\n"), town, self.region, country_name(self.country)]
        return ", ".join(part for part in parts if part)


class Preference(TenantOwned):
    """How a customer wants to hear from us; without a row, nobody has asked."""

    customer = models.OneToOneField(
        Customer, on_delete=models.PROTECT, related_name="preference"
    )
    channel = models.CharField(
        "preferred channel", max_length=10, choices=PreferredChannel
    )
    language = models.CharField(max_length=10)  # a code of Language

    objects = TenantQuerySet.as_manager()

    def __str__(self) -> str:
        return self.get_channel_display()


# Typed loosely: each of them has a manager of its own.
MODELS: dict[str, Any] = {
    Kind.PHONE: Phone, Kind.EMAIL: Email, Kind.ADDRESS: Address,
}  # fmt: skip


@asked_once
def contacts_of(kind: str, customer_id: Any) -> list[Any]:
    """The living ones of a kind, the primary one first; once for a page."""
    return list(MODELS[kind].objects.of_customer(customer_id))
