"""Who looks at the registry's pages."""

import pytest
from django.test import Client

from tenants.models import Tenant, User
from tests.conftest import ClientAs, MakeStaff


@pytest.fixture
def officer(make_staff: MakeStaff) -> User:
    return make_staff("compliance_officer")


@pytest.fixture
def desk(officer: User, client_as: ClientAs) -> Client:
    return client_as(officer)


@pytest.fixture
def front(make_staff: MakeStaff, client_as: ClientAs) -> Client:
    return client_as(make_staff("client_facing"))


@pytest.fixture
def stranger(make_staff: MakeStaff, second_bank: Tenant, client_as: ClientAs) -> Client:
    """Sign in somebody of another bank who could do everything there."""
    roles = ("client_facing", "compliance_officer")
    return client_as(make_staff(*roles, tenant=second_bank))
