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


class HoldingKind(models.TextChoices):
    """What the bank’s other systems hold for a customer."""

    LOAN = "loan", "Loan"
    WALLET = "wallet", "Wallet"
    CARD = "card", "Card"
    CAMPAIGN = "campaign", "Campaign"
    OTHER = "other", "Other"


class HoldingStatus(models.TextChoices):
    """Withdrawn: it was reported by mistake, or never came about."""

    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Segment(models.TextChoices):
    """From the best to the least."""

    PREMIUM = "premium", "Premium"
    STANDARD = "standard", "Standard"
    BASIC = "basic", "Basic"
