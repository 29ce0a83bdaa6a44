"""What the bank knows about the life of an individual, beyond who they are."""

from typing import Any

from django.db import models

from common.encryption import EncryptedTextField
from customers.registry.models.customer import Customer
from tenants.models import TenantOwned, TenantQuerySet


class Gender(models.TextChoices):
    FEMALE = "female", "Female"
    MALE = "male", "Male"
    OTHER = "other", "Other"
    UNDISCLOSED = "undisclosed", "Not disclosed"


class MaritalStatus(models.TextChoices):
    SINGLE = "single", "Single"
    MARRIED = "married", "Married"
    PARTNERSHIP = "partnership", "Registered partnership"
    SEPARATED = "separated", "Separated"
    DIVORCED = "divorced", "Divorced"
    WIDOWED = "widowed", "Widowed"


class SourceOfFunds(models.TextChoices):
    SALARY = "salary", "Salary"
    BUSINESS = "business", "Business income"
    SAVINGS = "savings", "Savings"
    INVESTMENTS = "investments", "Investments"
    PROPERTY = "property", "Sale or rent of property"
    PENSION = "pension", "Pension"
    BENEFITS = "benefits", "Public benefits"
    FAMILY = "family", "Support by family"
    INHERITANCE = "inheritance", "Inheritance or gift"
    OTHER = "other", "Other"


class Profile(TenantOwned):
    """Beside the customer's row; birth date and nationality stay in its details."""

    customer = models.OneToOneField(
        Customer, on_delete=models.PROTECT, related_name="profile"
    )
    gender = models.CharField(max_length=20, choices=Gender, blank=True)
    occupation = models.CharField(max_length=100, blank=True)
    # Codes of the institution's dictionaries.
    employment = models.CharField(max_length=40, blank=True)
    employer_category = models.CharField(max_length=40, blank=True)
    industry = models.CharField(max_length=40, blank=True)
    education = models.CharField(max_length=40, blank=True)
    income = EncryptedTextField("income band", blank=True, default="")
    source_of_funds = models.CharField(max_length=20, choices=SourceOfFunds, blank=True)
    marital_status = models.CharField(max_length=20, choices=MaritalStatus, blank=True)
    # Counts saves, so that the second of two editors is told; 0: never saved.
    row_version = models.PositiveIntegerField(default=0, editable=False)

    objects = TenantQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"Profile of {self.customer}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.row_version += 1
        super().save(*args, **kwargs)
