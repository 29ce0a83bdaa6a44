"""What is counted of many customers at once, and the lists by which apps add theirs.

An app above appends a function to one of the lists. It takes customers as a query and
answers by customer, in one statement for all; who is left out has none.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet
from django.utils import timezone

from customers.registry.models import Customer
from customers.risk.models import Holding
from customers.risk.segments.rule import Usage, is_current_use
from events.models import RecordedEvent
from tenants.models import Tenant

Customers = QuerySet[Customer]
YEAR = timedelta(days=365)
HELD_AT_ONCE = 2000  # rows of holdings in memory

# Open products that are no holdings, e.g. deposit accounts.
PRODUCT_COUNTS: list[Callable[[Customers], Mapping[UUID, int]]] = []
# Operations since a moment that no holding reports.
OPERATION_COUNTS: list[Callable[[Customers, datetime], Mapping[UUID, int]]] = []
# Money of customers in the institution’s currency that stands in no holding.
BALANCES: list[Callable[[Customers], Mapping[UUID, Decimal]]] = []


def count_activity(customers: Customers, since: datetime) -> Mapping[UUID, int]:
    """How often something was recorded as their activity."""
    keys = [str(key) for key in customers.values_list("pk", flat=True)]
    rows = RecordedEvent.objects.filter(
        subject_id__in=keys, type="ActivityRecorded", created_at__gte=since
    )
    counted = rows.order_by().values_list("subject_id").annotate(Count("pk"))
    return {UUID(key): number for key, number in counted}


OPERATION_COUNTS.append(count_activity)


def usage_of(customers: Customers, tenant: Tenant, *, on: date) -> dict[UUID, Usage]:
    """What is counted of each on that day; as many statements as there are sources."""
    zone = ZoneInfo(tenant.time_zone)
    since = datetime.combine(on - YEAR, time(), tzinfo=zone)
    held = _held(customers, tenant, on)
    products = [count(customers) for count in PRODUCT_COUNTS]
    operations = [count(customers, since) for count in OPERATION_COUNTS]
    balances = [sum_(customers) for sum_ in BALANCES]
    rows = customers.values_list("pk", "tier", "last_activity_at")
    return {
        key: Usage(
            tier=tier,
            last_on=timezone.localdate(last, zone) if last else None,
            operations=held[key].operations + _sum(operations, key),
            products=held[key].products + _sum(products, key),
            balance=held[key].balance + _sum(balances, key),
        )
        for key, tier, last in rows
    }


def _sum(found: list[Mapping[UUID, Any]], key: UUID) -> Any:
    return sum(each.get(key, 0) for each in found)


class _Held:
    """What the open holdings of one customer come to."""

    __slots__ = ("balance", "operations", "products")

    def __init__(self) -> None:
        self.products, self.operations, self.balance = 0, 0, Decimal(0)

    def add(self, figures: Mapping[str, Any], currency: str, *, is_used: bool) -> None:
        """Debt is no balance, and other money is not converted.

        `is_used`: the use that the figures name is of late.
        """
        self.products += 1
        if is_used:
            self.operations += figures.get("transactions_90d", 0)
        if figures.get("currency") == currency:
            self.balance += Decimal(figures.get("balance", "0"))


def _held(customers: Customers, tenant: Tenant, on: date) -> defaultdict[UUID, _Held]:
    found: defaultdict[UUID, _Held] = defaultdict(_Held)
    zone = ZoneInfo(tenant.time_zone)
    rows = Holding.objects.open().filter(customer__in=customers.values("pk"))
    reports = rows.order_by().values_list("customer_id", "figures", "reported_at")
    for key, said, at in reports.iterator(HELD_AT_ONCE):
        is_used = is_current_use(timezone.localdate(at, zone), on=on)
        found[key].add(said, tenant.currency, is_used=is_used)
    return found
