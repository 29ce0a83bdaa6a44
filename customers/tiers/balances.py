"""Apps above say what customers hold and move; tiers hold it against their limits.

@balances
def wallets(tenant: Tenant) -> QuerySet[Any]:
    rows = Holding.objects.for_tenant(tenant.pk).filter(kind="wallet", is_open=True)
    return rows.values("customer_id").annotate(amount=Sum("balance"))
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum

from customers.registry.models import Customer
from tenants.models import Tenant

DIGITS = 3  # behind the point of a limit
# Rows with `customer_id` and `amount`, in the institution's currency. Only the database
# reads them, so a source may have a million.
Source = Callable[[Tenant], QuerySet[Any]]
BALANCES: list[Source] = []
TRANSACTIONS: list[Source] = []


def balances(source: Source) -> Source:
    """Count these amounts as part of what a customer holds."""
    BALANCES.append(source)
    return source


def transactions(source: Source) -> Source:
    """Count the largest of these amounts as a customer's largest transaction."""
    TRANSACTIONS.append(source)
    return source


def held_by(customer: Customer) -> Decimal:
    """All that the customer holds here, added up as `what_if` adds it up."""
    return add_up(customer.tenant, BALANCES, customer_id=customer.pk)


def add_up(tenant: Tenant, sources: Iterable[Source], **whose: Any) -> Decimal:
    """The sum of the amounts of those sources in the rows that `whose` names."""
    amounts = (_amount(source(tenant).filter(**whose)) for source in sources)
    return sum(amounts, Decimal())


def _amount(rows: QuerySet[Any]) -> Decimal:
    """SQLite adds up in binary fractions, so it is rounded to the digits of a limit."""
    total = rows.aggregate(total=Sum("amount"))["total"]
    return round(Decimal(str(total or 0)), DIGITS)
