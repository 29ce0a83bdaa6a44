"""Who asks, who is asked about, and an outside that says what it is told to say."""

from collections.abc import Callable, Iterator

import pytest
from pytest_django import Settings

from customers.registry.models import Customer
from tenants.models import User
from tests.checks.outside import AGENCY, Agency
from tests.conftest import MakeCustomer, MakeStaff


@pytest.fixture
def ama(make_customer: MakeCustomer) -> Customer:
    return make_customer(name="Ama Mensah")


@pytest.fixture
def clerk(make_staff: MakeStaff) -> User:
    return make_staff("client_facing")


@pytest.fixture
def officer(make_staff: MakeStaff) -> User:
    return make_staff("compliance_officer")


@pytest.fixture
def teller(make_staff: MakeStaff) -> User:
    return make_staff("teller")


@pytest.fixture
def agency(settings: Settings) -> Iterator[Callable[..., list[object]]]:
    """Let the outside answer by itself: `agency(Answer(…))`, one after the other."""
    settings.BUREAU_GATEWAY = settings.ADDRESS_GATEWAY = AGENCY
    Agency.asked.clear()

    def say(*answers: object) -> list[object]:
        Agency.says[:] = answers
        return Agency.says

    yield say
    Agency.says.clear()
    Agency.asked.clear()
