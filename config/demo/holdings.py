"""Products that the demo bank’s other systems report, and the night of segments."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from customers.registry.models import Customer
from customers.risk.holdings.reporting import HoldingReport, report_holding
from events.nightly import run_nightly
from tenants.models import Tenant, User

# Kind, days since it was opened, figures; the currency is the institution’s.
_PRODUCTS: tuple[tuple[str, int, dict[str, Any]], ...] = (
    ("wallet", 400, {"balance": "12480.50", "transactions_90d": 41}),
    ("card", 210, {"limit": "2000.00", "outstanding": "315.20", "transactions_90d": 9}),
    ("loan", 90, {"principal": "5000.00", "outstanding": "4210.00",
                  "days_past_due": 0}),
    ("campaign", 20, {"offers": 3, "responses": 1}),
)  # fmt: skip


def report_products(customer: Customer, *, by: User) -> None:
    """Report one product to four, by the customer’s number, so that they differ."""
    digits = int(customer.public_id.replace("-", ""))
    tenant = customer.tenant
    for kind, days, said in _PRODUCTS[: 1 + digits // 10 % len(_PRODUCTS)]:
        money = {} if kind == "campaign" else {"currency": tenant.currency}
        report = HoldingReport(
            kind=kind, reference=f"{kind[0].upper()}-{customer.public_id}",
            status="open", opened_on=tenant.today - timedelta(days=days),
            figures={**said, **money}, reported_at=timezone.now(),
        )  # fmt: skip
        report_holding(customer.pk, report, by=by)


def count_engagement(tenant: Tenant) -> None:
    """Live through the night in which segments are worked out."""
    run_nightly("segments", tenant)
