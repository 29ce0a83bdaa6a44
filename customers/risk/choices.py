"""The closed lists of risk, without a table."""

from django.db import models

from customers.registry.choices import Risk


class Answer(models.TextChoices):
    """What may be said of one factor."""

    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"
    NOT_APPLICABLE = "na", "N/A"


class Diligence(models.TextChoices):
    """How deep customer due diligence (CDD) goes."""

    STANDARD = "standard", "Standard CDD"
    ENHANCED = "enhanced", "Enhanced CDD"


GROUP_LABELS = {
    "services": "Services",
    "customers": "Customer",
    "delivery_channels": "Delivery channels",
    "countries": "Countries",
}
# From the least to the worst, to compare two of them.
ORDER = (Risk.LOW, Risk.MEDIUM, Risk.HIGH)
