"""Findings of every state for the tests of separation and of roles."""

from customers.quality.models import Finding
from customers.quality.services import NIGHTLY, accept_finding
from customers.registry.models import Customer
from events.nightly import run_nightly
from tenants.models import User
from tests.quality.conftest import spoil


def add_quality(known: dict[str, Customer], word: str, officer: User) -> None:
    """One counts, one is accepted, one was closed; the night has counted them."""
    spoil(known["rejected"], details={"birth_date": "1900-01-01"})
    spoil(known["retracted"], details={"birth_date": "1960-01-01"})
    before = dict(known["company"].details)
    spoil(known["company"], details={"registration_number": ""})
    tenant = known["rejected"].tenant
    run_nightly(NIGHTLY, tenant)
    spoil(known["company"], details=before)
    run_nightly(NIGHTLY, tenant)
    row = Finding.objects.get(customer=known["retracted"], rule="birth_date_new_year")
    accept_finding(row.pk, reason=f"{word} saw the passport", by=officer)
