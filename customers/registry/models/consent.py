"""What a customer agreed to, in which words, and when."""

from django.db import models

from customers.registry.models.customer import Customer
from tenants.models import TenantOwned, TenantQuerySet


class Consent(TenantOwned):
    """One purpose agreed to; withdrawing keeps the row."""

    class Purpose(models.TextChoices):
        TERMS = "terms", "Terms of service"

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="consents"
    )
    purpose = models.CharField(max_length=20, choices=Purpose)
    text_version = models.CharField(max_length=40)
    granted_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "purpose", "text_version"],
                condition=models.Q(withdrawn_at=None),
                name="consent_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.text_version}"
