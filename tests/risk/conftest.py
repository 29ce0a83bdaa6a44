"""A bank whose customers are assessed, and who looks at it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from common.keys import new_id
from customers.registry.models import Customer
from customers.risk.models import Assessment
from customers.risk.services import Checklist, assess_customer, pack_of
from tenants.models import User
from tests.conftest import ClientAs, MakeStaff

Assess = Callable[..., Assessment]
# No score of Ghana is shipped, where the customers of the tests are.
HOME = "Our own country, where nothing speaks against it."


@pytest.fixture
def officer(make_staff: MakeStaff) -> User:
    return make_staff("compliance_officer")


@pytest.fixture
def desk(officer: User, client_as: ClientAs) -> Client:
    return client_as(officer)


def all_low(customer: Customer, **other: str) -> dict[str, str]:
    """An answer for each factor: low where that may be chosen."""
    return {
        factor.key: "low" if "low" in factor.ratings else "na"
        for factor in pack_of(customer).risk
    } | other


def checklist(customer: Customer, *, answers: Any = None, **said: Any) -> Checklist:
    """A whole checklist; `answers` are those that are not low."""
    said.setdefault("id", new_id())
    said.setdefault("country_justification", HOME)
    return Checklist(answers=all_low(customer, **(answers or {})), **said)


@pytest.fixture
def assess(officer: User) -> Assess:
    """Assess a customer: `assess(customer, distance="high")`."""

    def make(customer: Customer, by: User | None = None, **answers: str) -> Assessment:
        asked = checklist(customer, answers=answers)
        return assess_customer(customer.pk, checklist=asked, by=by or officer)

    return make
