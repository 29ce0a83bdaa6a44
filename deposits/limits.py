"""Whether money may move now; asked inside the transaction that posts it."""

from decimal import Decimal

from django.db import transaction

from common.errors import DomainError
from common.money import minor_digits
from customers.registry.choices import Status
from customers.registry.models import Customer
from customers.tiers.services import refuse_beyond_limits
from deposits.models import Account

# More is a slip of the keyboard, and more digits than a Decimal computes exactly.
LARGEST = Decimal(10) ** 15


def refuse_operation(
    account: Account, *, amount: Decimal, balance_after: Decimal | None
) -> Account:
    """Lock customer and account, and return the account as it is now.

    Raises DomainError: INVALID_AMOUNT, CUSTOMER_INACTIVE, ACCOUNT_INACTIVE,
    LIMIT_EXCEEDED. `balance_after` is None where the balance falls. Whatever was
    committed before the locks were had is seen, whatever comes later waits for us.
    Outside a transaction there are no locks: TransactionManagementError.
    """
    if not transaction.get_connection().in_atomic_block:
        message = "Ask within the transaction that posts."
        raise transaction.TransactionManagementError(message)
    rows = Customer.objects.select_for_update(of=("self",)).select_related("tenant")
    customer: Customer = rows.get(pk=account.customer_id)
    held: Account = Account.objects.select_for_update().get(pk=account.pk)
    if customer.status != Status.ACTIVE:
        raise DomainError(f"Money cannot move: {customer} is {customer.status}.",
                          code="CUSTOMER_INACTIVE")  # fmt: skip
    if held.status != Account.Status.ACTIVE:
        raise DomainError(f"Money cannot move: account {held} is {held.status}.",
                          code="ACCOUNT_INACTIVE")  # fmt: skip
    _refuse_amount(amount, held.currency)
    refuse_beyond_limits(customer, amount=amount, balance_after=balance_after)
    return held


def _refuse_amount(amount: Decimal, currency: str) -> None:
    if not amount.is_finite() or amount <= 0:
        raise _invalid("The amount must be above 0.")
    if amount > LARGEST:
        raise _invalid(f"The amount is beyond {LARGEST:,} {currency}.")
    digits = minor_digits(currency)
    if -_exponent(amount) > digits:
        most = f"at most {digits} digits" if digits else "no digits"
        raise _invalid(f"{currency} has {most} behind the point.")


def _exponent(amount: Decimal) -> int:
    """The place of the last digit that counts; 5.000 is as good as 5."""
    digits, exponent = amount.as_tuple().digits, int(amount.as_tuple().exponent)
    while digits and digits[-1] == 0:
        digits, exponent = digits[:-1], exponent + 1
    return exponent


def _invalid(message: str) -> DomainError:
    return DomainError(message, code="INVALID_AMOUNT", field="amount")
