"""What customers hold in the bank’s other systems, for tiers to hold against limits."""

from typing import Any

from django.db.models import DecimalField, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from customers.risk.models import Holding
from customers.tiers.balances import balances
from tenants.models import Tenant

_AMOUNT: Any = DecimalField(max_digits=18, decimal_places=3)


@balances
def balances_of_holdings(tenant: Tenant) -> QuerySet[Any]:
    """Balances of open products; debt is no balance, other money is not converted."""
    rows = Holding.objects.for_tenant(tenant.pk).open()
    rows = rows.filter(figures__has_key="balance", figures__currency=tenant.currency)
    amount = Cast(KeyTextTransform("balance", "figures"), _AMOUNT)
    held = rows.order_by().values("customer_id")
    found: QuerySet[Any] = held.annotate(amount=Sum(amount))
    return found
