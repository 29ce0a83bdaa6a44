"""Assessments for the two banks of the tests of separation and of roles."""

from datetime import timedelta

from django.utils import timezone

from customers.registry.models import Customer
from customers.risk.holdings.reporting import HoldingReport, report_holding
from customers.risk.services import (
    assess_customer,
    override_assessment,
    rate_country,
)
from events.nightly import run_nightly
from tenants.models import User
from tests.risk.conftest import checklist


def add_risk(customer: Customer, word: str, officer: User) -> None:
    """One was superseded, the current one overridden; a country is rated by hand."""
    reason = f"{word} has a list"
    rate_country(
        customer.tenant, country="ISL", rating="medium", by=officer, reason=reason
    )
    for answer in ("low", "high"):
        asked = checklist(
            customer,
            answers={"distance": answer},
            country_justification=f"{word} is at home there",
        )
        made = assess_customer(customer.pk, checklist=asked, by=officer)
    why = f"Known to {word} for years"
    override_assessment(made.pk, rating="medium", justification=why, by=officer)
    _add_products(customer, word, officer)
    run_nightly("segments", customer.tenant)


def _add_products(customer: Customer, word: str, officer: User) -> None:
    report = HoldingReport(
        kind="wallet", reference=f"{word}-0000001", status="open",
        opened_on=customer.tenant.today - timedelta(days=3),
        figures={"balance": "15000.00", "currency": customer.tenant.currency},
        reported_at=timezone.now(),
    )  # fmt: skip
    report_holding(customer.pk, report, by=officer)
