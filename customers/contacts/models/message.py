"""What we sent to a customer, or could not: the letter and the way, not the text."""

from typing import Self

from django.db import models
from django.db.models import Q

from customers.contacts.choices import Delivery, PreferredChannel
from customers.registry.models import Customer
from tenants.models import TenantOwned, TenantQuerySet


class MessageQuerySet(TenantQuerySet):
    def waiting(self) -> Self:
        """Those that staff give by a call or by post."""
        return self.filter(status=Delivery.WAITING)


class Message(TenantOwned):
    """One letter to one customer; `about` makes the same letter go out once."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    letter = models.CharField(max_length=60)  # as in `kyc/expiry_reminder`
    about = models.CharField(max_length=120)
    channel = models.CharField(max_length=10, choices=PreferredChannel)
    language = models.CharField(max_length=10)
    # A phone, e-mail or address by the channel; it may be gone when staff look.
    contact_id = models.UUIDField(null=True, editable=False)
    status = models.CharField(max_length=10, choices=Delivery)
    # Dates and names of papers, for whoever reads the letter out; empty afterwards.
    facts = models.JSONField(default=dict, blank=True)
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "about"], name="message_about_once"
            ),
            models.CheckConstraint(
                name="message_settled_forgets",
                condition=Q(status=Delivery.WAITING, settled_at=None)
                | Q(settled_at__isnull=False, facts={}),
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "status", "made_at"], name="message_status")
        ]

    def __str__(self) -> str:
        return f"{self.words} to {self.customer}"

    @property
    def words(self) -> str:
        """The letter as staff call it: `Expiry reminder`."""
        return letter_words(self.letter)


def letter_words(letter: str) -> str:
    return letter.rpartition("/")[2].replace("_", " ").capitalize()
