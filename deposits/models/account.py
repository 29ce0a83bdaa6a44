"""The deposit account and where it stands."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from common.lifecycle import transition
from customers.registry.choices import Activity, CustomerType
from customers.registry.choices import Status as CustomerStatus
from customers.registry.models import Customer
from customers.registry.search.reading import read
from deposits.events import AccountStatusChanged
from tenants.models import TenantOwned, TenantQuerySet


class AccountType(models.TextChoices):
    CURRENT = "current", "Current"


class AccountSet(models.TextChoices):
    INDIVIDUAL = "individual", "Individual"
    GOVERNMENT = "government", "Government"
    BUSINESS = "business", "Business"
    INTERBANK = "interbank", "Interbank"
    INSTITUTIONAL = "institutional", "Institutional"
    FOREIGN = "foreign", "Foreign"
    NON_RESIDENT = "non-resident", "Non-resident"


# The customer type decides under which set the books sum an account (domain §2).
ACCOUNT_SETS: dict[str, AccountSet] = {
    CustomerType.INDIVIDUAL: AccountSet.INDIVIDUAL,
    CustomerType.GOVERNMENT_ENTITY: AccountSet.GOVERNMENT,
    CustomerType.PRIVATE_COMPANY: AccountSet.BUSINESS,
    CustomerType.BANK: AccountSet.INTERBANK,
    CustomerType.FINANCIAL_INSTITUTION: AccountSet.INSTITUTIONAL,
    CustomerType.FOREIGN_AGENCY_OR_SUBSIDIARY: AccountSet.FOREIGN,
    CustomerType.NON_DOMICILED_COMPANY: AccountSet.NON_RESIDENT,
}


class AccountQuerySet(TenantQuerySet):
    def following(self) -> Self:
        """Accounts whose status follows their customer: neither frozen nor closed."""
        return self.exclude(status__in=(Account.Status.FROZEN, Account.Status.CLOSED))

    def found_by(self, text: str, by: Any = None) -> Self:
        """Search by the account's number, or by the customer in every way there is."""
        seen = Customer.objects.for_user(by) if by else Customer.objects.all()
        found = seen.found_by(text, by).order_by()
        wanted = Q(customer__in=found.values("pk"))
        if number := read(text).number:
            wanted |= Q(public_id=number)
        return self.filter(wanted)


class Account(TenantOwned):
    """A deposit account of one customer."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        INACTIVE = "inactive", "Inactive"
        SUSPENDED = "suspended", "Suspended"
        FROZEN = "frozen", "Frozen"
        CLOSED = "closed", "Closed"

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="accounts"
    )
    public_id = models.CharField("number", max_length=16, editable=False)
    account_type = models.CharField(
        "type", max_length=20, choices=AccountType, default=AccountType.CURRENT
    )
    account_set = models.CharField(max_length=20, choices=AccountSet)
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=10, choices=Status, default=Status.INACTIVE)
    # The one opened after verification; by it a repeated delivery knows its work.
    is_default = models.BooleanField("opened automatically", default=False)
    opened_at = models.DateTimeField()

    objects = AccountQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        permissions = [("open_account", "Can open an account")]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "public_id"], name="account_public_id_once"
            ),
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(is_default=True),
                name="account_default_once",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-opened_at", "-id"], name="account_list"),
            models.Index(fields=["tenant", "status"], name="account_status"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def follows_customer(self) -> bool:
        return self.status not in (self.Status.FROZEN, self.Status.CLOSED)

    def follow(self, customer: Customer) -> AccountStatusChanged | None:
        """Move to what the customer's state demands; None when there already."""
        verbs = {
            self.Status.ACTIVE: self.become_active,
            self.Status.INACTIVE: self.become_inactive,
            self.Status.SUSPENDED: self.suspend,
        }
        return verbs[demanded_status(customer)]()

    @transition(Status.INACTIVE, Status.SUSPENDED, to=Status.ACTIVE)
    def become_active(self) -> AccountStatusChanged:
        """Take operations."""
        return self._changed(self.Status.ACTIVE)

    @transition(Status.ACTIVE, Status.SUSPENDED, to=Status.INACTIVE)
    def become_inactive(self) -> AccountStatusChanged:
        """Rest until the customer's next activity."""
        return self._changed(self.Status.INACTIVE)

    @transition(Status.ACTIVE, Status.INACTIVE, to=Status.SUSPENDED)
    def suspend(self) -> AccountStatusChanged:
        """Stop operations while the customer may have none."""
        return self._changed(self.Status.SUSPENDED)

    def _changed(self, status: str) -> AccountStatusChanged:
        return AccountStatusChanged(
            account_id=str(self.pk), customer_id=str(self.customer_id), status=status
        )


def demanded_status(customer: Customer) -> Account.Status:
    """What the customer's state demands of an account that follows it."""
    if customer.status != CustomerStatus.ACTIVE:
        return Account.Status.SUSPENDED
    return {
        Activity.ACTIVE: Account.Status.ACTIVE,
        Activity.INACTIVE: Account.Status.INACTIVE,
        Activity.SUSPENDED: Account.Status.SUSPENDED,
    }[Activity(customer.activity)]
