"""Where Sumsub and our file say different things."""

from typing import Self

from django.conf import settings
from django.db import models

from common.encryption import EncryptedTextField
from customers.registry.models import Customer
from kyc.models.attempt import Applicant
from tenants.models import TenantOwned, TenantQuerySet


class DifferenceQuerySet(TenantQuerySet):
    def open(self) -> Self:
        return self.filter(status=Difference.Status.OPEN)


class Difference(TenantOwned):
    """One field; staff decide which value stands."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        ACCEPTED = "accepted", "Sumsub’s accepted"
        KEPT = "kept", "Ours kept"

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="differences"
    )
    attempt = models.ForeignKey(Applicant, on_delete=models.PROTECT, related_name="+")
    field = models.CharField(max_length=40)
    ours = EncryptedTextField()
    theirs = EncryptedTextField()
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = DifferenceQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        permissions = [("resolve_difference", "Can decide a difference")]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "field"],
                condition=models.Q(status="open"),
                name="difference_open_once",
            )
        ]

    def __str__(self) -> str:
        return self.field.replace("_", " ")
