"""Apps above say what customers hold and move; tiers hold it against their limits.

@balances
def wallets(tenant: Tenant) -> QuerySet[Any]:
    rows = Holding.objects.for_tenant(tenant.pk).filter(kind="wallet", is_open=True)
    return rows.values("customer_id").annotate(amount=Sum("balance"))
"""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from tenants.models import Tenant

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
