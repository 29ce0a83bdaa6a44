"""A customer's phones, e-mails and addresses, how to write to them, and challenges."""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.keys import KeyField
from common.memory import asked_once
from common.reading.countries import country_name
from common.reading.phone_numbers import shown_phone
from customers.contacts.choices import Kind, PreferredChannel
from customers.registry.models import Customer
from tenants.models import Tenant, TenantOwned, TenantQuerySet


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


class ChallengeQuerySet(TenantQuerySet):
    def about(self, contact: Contact) -> Self:
        """Those of one phone or e-mail."""
        return self.filter(**{contact.kind: contact})

    def open(self) -> Self:
        """Neither used nor replaced by a later one; it may have expired."""
        return self.filter(ended_at=None)

    def asked_about(self, contact: Contact, since: datetime) -> Self:
        """Those sent to the same number or mailbox, also while others held it."""
        same = {f"{contact.kind}__{contact.identity}": contact.value}
        return self.filter(
            Q(**{contact.kind: contact}) | Q(**same),
            tenant_id=contact.tenant_id,
            asked_at__gt=since,
        )


class Challenge(models.Model):
    """A code or link sent to a customer. What was sent is kept as a keyed hash alone.

    It is a record already and has no versions: they would outlive the hash.
    """

    id = KeyField(primary_key=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")
    phone = models.ForeignKey(
        Phone, null=True, on_delete=models.PROTECT, related_name="challenges"
    )
    email = models.ForeignKey(
        Email, null=True, on_delete=models.PROTECT, related_name="challenges"
    )
    digest = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    objects = ChallengeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="challenge_of_one_contact",
                condition=Q(phone=None, email__isnull=False)
                | Q(phone__isnull=False, email=None),
            ),
            models.CheckConstraint(
                name="challenge_ended_forgets",
                condition=Q(ended_at=None) | Q(digest=""),
            ),
        ]
        indexes = [
            models.Index(fields=["phone", "-asked_at"], name="challenge_phone"),
            models.Index(fields=["email", "-asked_at"], name="challenge_email"),
        ]

    def __str__(self) -> str:
        return f"challenge of {self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def contact(self) -> Phone | Email:
        found = self.phone or self.email
        assert found is not None  # noqa: S101 - the constraint above
        return found

    def end(self, now: datetime) -> None:
        """Let what was sent be worth nothing any more."""
        self.digest, self.ended_at = "", now


# Typed loosely: each of them has a manager of its own.
MODELS: dict[str, Any] = {
    Kind.PHONE: Phone, Kind.EMAIL: Email, Kind.ADDRESS: Address,
}  # fmt: skip


@asked_once
def contacts_of(kind: str, customer_id: Any) -> list[Any]:
    """The living ones of a kind, the primary one first; once for a page."""
    return list(MODELS[kind].objects.of_customer(customer_id))
