"""Whether money may move now; asked inside the transaction that posts it.

The books say what each account holds:

@account_balances
def settled(tenant: Tenant) -> QuerySet[Any]:
    rows = Balance.objects.for_tenant(tenant.pk).filter(currency=tenant.currency)
    return rows.values("customer_id", "account_id", amount=F("settled"))
"""

from decimal import Decimal

from django.db import transaction

from common.errors import DomainError
from common.money import minor_digits
from customers.registry.choices import Status
from customers.registry.models import Customer
from customers.tiers.balances import Source, add_up, balances, held_by
from customers.tiers.services import refuse_beyond_limits
from deposits.models import Account

# More is a slip of the keyboard, and more digits than a Decimal computes exactly.
LARGEST = Decimal(10) ** 15
# Rows with `customer_id`, `account_id` and `amount`, in the institution's currency.
ACCOUNT_BALANCES: list[Source] = []


def account_balances(source: Source) -> Source:
    """Count these amounts as what accounts hold, here and in “What if” alike."""
    ACCOUNT_BALANCES.append(source)
    return balances(source)


def refuse_operation(
    account: Account, *, amount: Decimal, balance_after: Decimal | None
) -> Account:
    """Lock customer and account, and return the account as it is now.

    Raises DomainError: INVALID_AMOUNT, CUSTOMER_INACTIVE, ACCOUNT_INACTIVE,
    LIMIT_EXCEEDED. `balance_after` is what this account alone would hold; the
    customer's other accounts and products are added here, as the limit is on all that
    they hold. It is None where the balance falls.
    Whatever was committed before the locks were had is seen, whatever comes later
    waits for us. Outside a transaction there are no locks: TransactionManagementError.
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
    if balance_after is not None:
        balance_after += _held_besides(held, customer)
    refuse_beyond_limits(customer, amount=amount, balance_after=balance_after)
    return held


def _held_besides(account: Account, customer: Customer) -> Decimal:
    """What the customer holds here beside that account, in the limit's currency."""
    if account.currency != customer.tenant.currency:
        return Decimal()  # other money is not converted, so it is not added up either
    own = add_up(customer.tenant, ACCOUNT_BALANCES, account_id=account.pk)
    return held_by(customer) - own


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
