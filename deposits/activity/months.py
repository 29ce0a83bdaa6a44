"""What counted as activity of one customer, month by month for two years."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.db.models.functions import TruncMonth

from customers.registry.models import Customer
from events.models import RecordedEvent

MONTHS = 24
# Money that moved, as (first of the month, operations, amount in the institution’s
# currency), from whoever keeps it; called with the customer and the first instant.
AMOUNTS: list[Callable[[Customer, datetime], Iterable[tuple[date, int, Decimal]]]] = []


@dataclass(frozen=True)
class Month:
    """One month of the institution’s calendar; no amount where nobody keeps one."""

    begins: date
    operations: int
    amount: Decimal | None


def by_month(customer: Customer) -> list[Month]:
    """Return the last two years, the newest month first, empty ones too."""
    days = _months(customer.tenant.today)
    zone = ZoneInfo(customer.tenant.time_zone)
    since = datetime.combine(days[-1], time(), tzinfo=zone)
    counts = _recorded(customer, since, zone)
    amounts: dict[date, Decimal] = {}
    for amounts_of in AMOUNTS:
        for day, operations, amount in amounts_of(customer, since):
            counts[day] += operations
            amounts[day] = amounts.get(day, Decimal(0)) + amount
    return [Month(day, counts[day], amounts.get(day)) for day in days]


def _months(today: date) -> list[date]:
    first = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(first, first - MONTHS, -1)]


def _recorded(customer: Customer, since: datetime, zone: ZoneInfo) -> Counter[date]:
    rows = RecordedEvent.objects.for_tenant(customer.tenant_id).filter(
        subject_id=str(customer.pk), type="ActivityRecorded", created_at__gte=since
    )
    month = TruncMonth("created_at", tzinfo=zone)
    found = rows.order_by().annotate(month=month).values_list("month")
    return Counter({at.date(): n for at, n in found.annotate(n=Count("pk"))})
