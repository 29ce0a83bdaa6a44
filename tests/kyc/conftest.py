"""The people and the customers of these tests, and Sumsub's answers without Sumsub."""

from datetime import date, datetime
from typing import Any

import pytest
from django.utils import timezone

from customers.registry.models import Customer
from kyc.services import start_attempt
from kyc.sumsub.types import ApplicantState
from kyc.verdicts import Outcome, apply_state
from tenants.models import Tenant, User
from tests.conftest import Deliver, MakeCustomer, MakeStaff
from tests.house import GREEN, House, Story, a_person, a_state, attempt_of
from tests.house import house as house


@pytest.fixture
def story(
    house: House, make_customer: MakeCustomer, make_staff: MakeStaff, deliver: Deliver
) -> Story:
    """Return a new customer at a running house, with a clerk to press *Start KYC*."""
    return Story(house, make_customer(), make_staff("client_facing"), deliver)


@pytest.fixture
def say(setup_machine: User) -> Any:
    """Let Sumsub answer: `say(customer, **GREEN)`; returns the outcome."""

    def answer(
        customer: Customer, state: ApplicantState | str | None = "",
        asked_at: datetime | None = None, said_at: datetime | None = None,
        **review: Any,
    ) -> Outcome:  # fmt: skip
        told = a_state(customer, **review) if isinstance(state, str) else state
        outcome = apply_state(
            attempt_of(customer).pk, told, asked_at=asked_at or timezone.now(),
            by=setup_machine, said_at=said_at,
        )  # fmt: skip
        customer.refresh_from_db()
        return outcome

    return answer


@pytest.fixture
def officer(make_staff: MakeStaff) -> User:
    return make_staff("compliance_officer")


@pytest.fixture
def clerk(make_staff: MakeStaff) -> User:
    return make_staff("client_facing")


@pytest.fixture
def stranger(make_staff: MakeStaff, second_bank: Tenant) -> User:
    return make_staff("compliance_officer", "client_facing", tenant=second_bank)


@pytest.fixture
def differing(make_customer: MakeCustomer, say: Any, setup_machine: User) -> Customer:
    customer = make_customer()
    start_attempt(customer.pk, by=setup_machine)
    said = a_person(first_name="Ama Adaeze", birth_date=date(1991, 3, 4))
    say(customer, **GREEN, person=said)
    return customer
