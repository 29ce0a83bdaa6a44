"""People and customers that the tests of linked accounts ask for."""

import pytest

from customers.registry.models import Customer
from tenants.models import User
from tests.conftest import MakeCustomer, MakeStaff


@pytest.fixture
def clerk(make_staff: MakeStaff) -> User:
    """Links accounts."""
    return make_staff("client_facing")


@pytest.fixture
def officer(make_staff: MakeStaff) -> User:
    """Verifies what others linked."""
    return make_staff("compliance_officer")


@pytest.fixture
def teller(make_staff: MakeStaff) -> User:
    """Sends test amounts."""
    return make_staff("teller")


@pytest.fixture
def ama(make_customer: MakeCustomer) -> Customer:
    return make_customer(name="Ama Serwaa Mensah")


@pytest.fixture
def kofi(make_customer: MakeCustomer) -> Customer:
    return make_customer(name="Kofi Boateng")
