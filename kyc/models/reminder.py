"""Which reminders of an expiring KYC were given, so that each is given once."""

from django.db import models

from common.keys import KeyField
from customers.registry.models import Customer


class ExpiryReminder(models.Model):
    id = KeyField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    expires_on = models.DateField()
    days = models.PositiveIntegerField()
    given_at = models.DateTimeField()
    # None while the e-mail did not go out, or where there is no address.
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "expires_on", "days"], name="reminder_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.days} days before {self.expires_on}"
