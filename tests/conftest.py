"""Fixtures that every test may ask for: banks, staff, customers, deliveries."""

from collections.abc import Callable
from itertools import count
from threading import Barrier, Thread
from typing import Any, Protocol

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import settings as hypothesis_settings

from customers.registry.choices import CustomerType, EntityType, KycLevel
from customers.registry.models import Customer
from customers.registry.registration import CURRENT_TERMS, Registration
from customers.registry.services import register_customer, verify_customer
from events.delivery import due_ids, run_due
from events.models import Delivery
from tenants.models import Tenant, User
from tenants.services import create_tenant, get_machine, register_staff

# A busy machine is no bug: examples may take as long as they take.
hypothesis_settings.register_profile("house", deadline=None)
hypothesis_settings.load_profile("house")

MODEL_BACKEND = "tenants.backends.RoleBackend"
INDIVIDUAL_DETAILS = {
    "birth_date": "1991-04-03",
    "nationality": "GHA",
    "address": "12 Ring Road East, Accra, Ghana",
    "id_number": "GHA-123456789-1",
}
COMPANY_DETAILS = {
    "registration_number": "CS-0042-2019",
    "country": "GHA",
    "address": "1 Liberation Road, Accra, Ghana",
}


class MakeStaff(Protocol):
    def __call__(
        self, *roles: str, tenant: Tenant | None = None, password: str | None = None
    ) -> User: ...


class MakeCustomer(Protocol):
    def __call__(
        self,
        *,
        tenant: Tenant | None = None,
        by: User | None = None,
        verified: bool = False,
        **overrides: Any,
    ) -> Customer: ...


class Deliver(Protocol):
    def __call__(self, *, hurry: bool = False) -> int: ...


ClientAs = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Counts and paces kept by one test must not be seen by the next."""
    cache.clear()


@pytest.fixture
def setup_machine(db: None) -> User:
    """Return the machine user that acts where a test does not care who does."""
    return get_machine("setup")


@pytest.fixture
def demo_bank(setup_machine: User) -> Tenant:
    return create_tenant(name="Demo Bank", slug="demo", by=setup_machine)


@pytest.fixture
def second_bank(setup_machine: User) -> Tenant:
    """Return a bank whose records nobody of the first may see or guess."""
    return create_tenant(name="Second Bank", slug="second", by=setup_machine)


@pytest.fixture
def make_staff(demo_bank: Tenant, setup_machine: User) -> MakeStaff:
    """Give somebody a staff login: `make_staff("teller")`, at `demo_bank` unless told.

    Without a password nobody can type one; `client_as` signs them in all the same.
    """
    numbers = count(1)

    def make(
        *roles: str, tenant: Tenant | None = None, password: str | None = None
    ) -> User:
        number = next(numbers)
        return register_staff(
            tenant=tenant or demo_bank,
            email=f"staff{number}@bank.example",
            name=f"Staff {number}",
            roles=roles,
            by=setup_machine,
            password=password,
        )

    return make


@pytest.fixture
def client_as() -> ClientAs:
    """Sign somebody in: `client_as(user).get("/admin/")`."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend=MODEL_BACKEND)
        return client

    return sign_in


@pytest.fixture
def make_customer(demo_bank: Tenant, setup_machine: User) -> MakeCustomer:
    """Register a customer through the real command, an individual unless told.

    Overrides are the fields of `Registration`; a company needs `customer_type` and
    `entity_type`. With `verified=True` the identity is accepted too.
    """
    numbers = count(1)

    def make(
        *,
        tenant: Tenant | None = None,
        by: User | None = None,
        verified: bool = False,
        **overrides: Any,
    ) -> Customer:
        tenant, by = tenant or demo_bank, by or setup_machine
        customer = register_customer(
            a_registration(next(numbers), **overrides), tenant=tenant, by=by
        )
        if verified:
            reason = "Verified for the test"
            verify_customer(customer.pk, level=KycLevel.BASIC, by=by, reason=reason)
            customer.refresh_from_db()
        return customer

    return make


def a_registration(number: int = 1, **overrides: Any) -> Registration:
    """Build a request that is fine as it stands; each number is another person."""
    asked: dict[str, Any] = {
        "customer_type": CustomerType.INDIVIDUAL,
        "entity_type": EntityType.INDIVIDUAL,
        "name": f"Ama Mensah {number}",
        "email": f"customer{number}@mail.example",
        "phone": f"+2332441{number:05d}",
        "terms_version": CURRENT_TERMS,
        **overrides,
    }
    is_person = asked["entity_type"] == EntityType.INDIVIDUAL
    asked.setdefault("details", INDIVIDUAL_DETAILS if is_person else COMPANY_DETAILS)
    return Registration(**asked)


@pytest.fixture
def deliver(db: None) -> Deliver:
    """Run due deliveries, and those they cause, until none is due; how many were done.

    With `hurry=True` those that wait for another try become due first.
    """

    def run_until_empty(*, hurry: bool = False) -> int:
        now = timezone.now()
        if hurry:
            waiting = Delivery.objects.filter(status=Delivery.Status.DUE)
            waiting.update(due_at=now)
        done = 0
        while due_ids(1):
            done += run_due()
        return done

    return run_until_empty


def race(*contestants: Callable[[], Any]) -> list[Any]:
    """Run the calls at once, each in a thread of its own; results or exceptions.

    Needs `django_db(transaction=True)`: threads see only what is committed.
    """
    start = Barrier(len(contestants))
    results: list[Any] = [None] * len(contestants)

    def run(place: int, contestant: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            start.wait(timeout=20)
            results[place] = contestant()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [
        Thread(target=run, args=(place, contestant))
        for place, contestant in enumerate(contestants)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return results


# Begun first, else one process works on them while the others have nothing left.
LONGEST = ("test_api_contract", "test_roles_matrix", "test_tenancy", "test_journeys")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; scripts/test lets no other order be made of it."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONGEST)))
