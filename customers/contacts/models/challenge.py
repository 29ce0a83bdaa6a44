"""Codes and links sent to customers, and to which number or mailbox they went."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from common.blind_index import blind_index
from common.keys import KeyField
from customers.contacts.choices import Refusal
from customers.contacts.models.contact import Contact, Email, Phone
from tenants.models import Tenant, TenantQuerySet


def place_index(contact: Contact) -> str:
    """The keyed hash of a number or mailbox, by which what went there is counted.

    Each institution's own: two of them cannot tell that they share a customer.
    """
    return blind_index(
        f"sent to {contact.kind}", f"{contact.tenant_id} {contact.value}"
    )


class ChallengeQuerySet(TenantQuerySet):
    def about(self, contact: Contact) -> Self:
        """Those of one phone or e-mail."""
        return self.filter(**{contact.kind: contact})

    def open(self) -> Self:
        """Neither used nor replaced by a later one; it may have expired."""
        return self.filter(ended_at=None)

    def asked_about(self, contact: Contact, since: datetime) -> Self:
        """Those to this contact, or to where it leads, whoever held that then."""
        return self.filter(
            Q(**{contact.kind: contact}) | Q(place_index=place_index(contact)),
            tenant_id=contact.tenant_id,
            asked_at__gt=since,
        )

    def newest(self) -> Self:
        """The last one of each contact."""
        same = Q(phone=OuterRef("phone")) | Q(email=OuterRef("email"))
        later = Challenge.objects.filter(same, asked_at__gt=OuterRef("asked_at"))
        return self.exclude(Exists(later))


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
    # A keyed hash of the number or mailbox; "" where it was asked before we kept it.
    place_index = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    # Why it never went out, where we know.
    refusal = models.CharField(max_length=10, blank=True, choices=Refusal)

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
            models.CheckConstraint(
                name="challenge_refused_has_ended",
                condition=Q(refusal="") | Q(ended_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["phone", "-asked_at"], name="challenge_phone"),
            models.Index(fields=["email", "-asked_at"], name="challenge_email"),
            models.Index(fields=["place_index", "-asked_at"], name="challenge_place"),
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
