"""Evidence in few words, and a clock that can be set."""

from datetime import date, datetime
from typing import Any, Protocol

import pytest

from customers.registry.models import Customer
from customers.tiers.models import EvidenceKind
from customers.tiers.services import record_evidence
from tenants.models import User
from tests.conftest import MakeCustomer

COMPANY: dict[str, Any] = {
    "customer_type": "PRIVATE_COMPANY",
    "entity_type": "body_corporate",
}
# The pack asks for no owners of it.
GOVERNMENT: dict[str, Any] = {
    "customer_type": "GOVERNMENT_ENTITY",
    "entity_type": "government_body",
    "details": {"country": "GHA", "address": "1 Liberation Road, Accra, Ghana"},
}


class Prove(Protocol):
    def __call__(
        self, customer: Customer, *kinds: EvidenceKind, until: date | None = ...
    ) -> None: ...


@pytest.fixture
def prove(setup_machine: User) -> Prove:
    """Record evidence by its command and read the customer again."""

    def record(
        customer: Customer, *kinds: EvidenceKind, until: date | None = None
    ) -> None:
        for kind in kinds:
            record_evidence(
                customer.pk, kind, source=f"test:{kind}", by=setup_machine,
                reason="Seen", valid_until=until,
            )  # fmt: skip
        customer.refresh_from_db()

    return record


@pytest.fixture
def verified(make_customer: MakeCustomer) -> Customer:
    return make_customer(verified=True)


class Clock:
    """Django's clock, set by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def set(self, now: datetime) -> None:
        self.monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)
