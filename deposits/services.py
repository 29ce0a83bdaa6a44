"""What may be asked of deposit accounts: lock, decide, save, publish."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from common.errors import DomainError
from customers.registry.choices import LIVING, KycStatus, Status
from customers.registry.models import Customer
from deposits.events import AccountOpened
from deposits.models import ACCOUNT_SETS, Account, AccountType, demanded_status
from events.services import publish
from tenants.models import User
from tenants.services import take_number


@transaction.atomic
def open_account(
    customer_id: UUID | str,
    *,
    by: User,
    account_type: str = AccountType.CURRENT,
    is_default: bool = False,
    account_id: UUID | None = None,
) -> Account:
    """Open an account; it stands at once where the customer's state demands.

    `is_default` asks for the one opened automatically and `account_id` for one asked
    for before: both return the known account instead of a second one. Raises
    DomainError: KYC_REQUIRED, KYC_VERIFICATION_PENDING, CUSTOMER_INACTIVE.
    """
    # The lock on the customer keeps suspension, offboarding and a second opening out.
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    if known := _known(customer, is_default=is_default, account_id=account_id):
        return known
    refuse_account(customer)
    if account_type not in AccountType.values:
        raise DomainError("There is no such type of account.", field="account_type")
    account = Account(
        tenant=customer.tenant,
        customer=customer,
        public_id=take_number(customer.tenant_id, "account"),
        account_type=account_type,
        account_set=ACCOUNT_SETS[customer.customer_type],
        currency=customer.tenant.currency,
        status=demanded_status(customer),
        is_default=is_default,
        opened_at=timezone.now(),
        **({"id": account_id} if account_id else {}),
    )
    account.save_as(by, "Account opened", force_insert=True)
    event = AccountOpened(account_id=str(account.pk), customer_id=str(customer.pk))
    publish(event, by=by, tenant_id=customer.tenant_id)
    return account


def _known(
    customer: Customer, *, is_default: bool, account_id: UUID | None
) -> Account | None:
    accounts = Account.objects.filter(customer=customer)
    if is_default:
        return accounts.filter(is_default=True).first()
    if account_id is None:
        return None
    known: Account | None = Account.objects.filter(pk=account_id).first()
    if known and known.customer_id != customer.pk:
        # A browser gave the form back, and another customer's number was typed into it.
        raise DomainError("This form has opened an account already; begin anew.")
    return known


def refuse_account(customer: Customer) -> None:
    """Raise DomainError when the customer may not hold a new account."""
    _refuse_product(customer, "open an account", LIVING)


def refuse_facility(customer: Customer) -> None:
    """Raise DomainError when the customer may not have a credit facility.

    An account of somebody suspended stands still; what is lent to them does not.
    """
    _refuse_product(customer, "grant a facility", (Status.ACTIVE,))


def _refuse_product(customer: Customer, deed: str, among: tuple[Status, ...]) -> None:
    if customer.status not in among:
        raise DomainError(f"Cannot {deed}: {customer} is {customer.status}.",
                          code="CUSTOMER_INACTIVE")  # fmt: skip
    if customer.kyc_status == KycStatus.VERIFIED or not customer.tenant.kyc_required:
        return
    if customer.kyc_status == KycStatus.PENDING:
        raise DomainError(f"Cannot {deed}: KYC of {customer} is pending.",
                          code="KYC_VERIFICATION_PENDING")  # fmt: skip
    raise DomainError(f"Cannot {deed}: {customer} is not verified.",
                      code="KYC_REQUIRED")  # fmt: skip


@transaction.atomic
def follow_customer(customer_id: UUID | str, *, by: User) -> int:
    """Bring every account that follows to what the customer's state demands now.

    Returns how many moved; harmless to run twice. Frozen and closed ones stay.
    """
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    accounts = Account.objects.select_for_update().filter(customer=customer)
    moved = 0
    for account in accounts.following().order_by("pk"):
        if event := account.follow(customer):
            account.save_as(by, f"The customer is {_state(customer)}")
            publish(event, by=by, tenant_id=account.tenant_id)
            moved += 1
    return moved


def _state(customer: Customer) -> str:
    return customer.status if customer.status != "active" else customer.activity
