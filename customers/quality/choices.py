"""How bad a finding is."""

from django.db import models


class Severity(models.TextChoices):
    """High: we may be wrong about who it is. Low: somebody should look one day."""

    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"
