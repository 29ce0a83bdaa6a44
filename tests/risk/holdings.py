"""Reports of products for the tests."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from customers.registry.models import Customer
from customers.risk.holdings.reporting import (
    HoldingReport,
    Outcome,
    Reported,
    report_holding,
)
from tenants.services import get_machine

FIGURES: Mapping[str, dict[str, Any]] = {
    "wallet": {"balance": "120.50", "currency": "USD", "transactions_90d": 34},
    "loan": {"principal": "900.00", "outstanding": "400.00", "currency": "USD"},
    "card": {"limit": "500.00", "currency": "USD", "transactions_90d": 2},
    "campaign": {"offers": 3, "responses": 1},
    "other": {},
}


def a_report(**said: Any) -> HoldingReport:
    """Fine as it stands: a wallet opened ten days ago, as of now."""
    kind = said.get("kind", "wallet")
    usual: dict[str, Any] = {
        "kind": kind,
        "reference": "W-1",
        "status": "open",
        "opened_on": timezone.localdate() - timedelta(days=10),
        "figures": FIGURES.get(str(kind), {}),
        "reported_at": timezone.now() - timedelta(hours=1),
    }
    return HoldingReport(**usual | said)


def report(
    customer: Customer, asked: HoldingReport | None = None, **said: Any
) -> Reported:
    by = get_machine("setup")
    return report_holding(customer.pk, asked or a_report(**said), by=by)


def hold(customer: Customer, *kinds: str) -> None:
    """Let the customer have one open product of each kind."""
    for number, kind in enumerate(kinds):
        reference = f"{customer.public_id}-{number}"
        assert report(customer, kind=kind, reference=reference).outcome == Outcome.NEW
