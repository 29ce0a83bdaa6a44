"""The words an institution chooses from: codes, their labels, and which are in use."""

from typing import Self

from django.db import models

from tenants.models import TenantOwned, TenantQuerySet


class Dictionary(models.TextChoices):
    CUSTOMER_TYPE = "customer_type", "Customer type"
    ACCOUNT_TYPE = "account_type", "Account type"
    ADDRESS_TYPE = "address_type", "Address type"
    PHONE_TYPE = "phone_type", "Phone type"
    EMAIL_TYPE = "email_type", "E-mail type"
    CUSTOMER_CATEGORY = "customer_category", "Customer category"
    EMPLOYER_CATEGORY = "employer_category", "Employer category"
    EMPLOYMENT = "employment", "Employment"
    INDUSTRY = "industry", "Industry"
    EDUCATION = "education", "Education"
    INCOME = "income", "Income band"
    MNO = "mno", "Mobile network operator"


# These say what the code knows anyway, so that no page may change them.
MIRRORED = (Dictionary.CUSTOMER_TYPE, Dictionary.ACCOUNT_TYPE)


class DictionaryQuerySet(TenantQuerySet):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def in_order(self) -> Self:
        return self.order_by("dictionary", "order", "code")


class DictionaryEntry(TenantOwned):
    """One code of one dictionary; customers keep it, so it is retired, not deleted."""

    dictionary = models.CharField(max_length=20, choices=Dictionary)
    code = models.CharField(max_length=40)
    label = models.CharField(max_length=100)
    order = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField("in use", default=True)

    objects = DictionaryQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        verbose_name = "dictionary entry"
        verbose_name_plural = "dictionary entries"
        default_permissions = ("view",)
        permissions = [("change_dictionary", "Can change the dictionaries")]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "dictionary", "code"], name="dictionary_code_once"
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_mirrored(self) -> bool:
        return self.dictionary in MIRRORED
