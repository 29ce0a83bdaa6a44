"""A nightly run that is killed again and again ends as one that nobody disturbed."""

import time

import pytest

from common.errors import DomainError
from customers.registry.models import Customer
from events.models import NightlyRun
from events.nightly import NIGHTLIES, run_nightly
from tenants.models import Tenant
from tests.conftest import MakeCustomer, race
from tests.events.nightly_jobs import NAME, register
from tests.killapp.nights import KILLS, PEOPLE, kill_again_and_again

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _forgets_the_job() -> object:
    yield
    NIGHTLIES.pop(NAME, None)


def fill(tenant: Tenant, make_customer: MakeCustomer) -> None:
    for _ in range(PEOPLE):
        make_customer(tenant=tenant)


def touched(tenant: Tenant) -> int:
    """Steps that were committed."""
    rows = Customer.objects.for_tenant(tenant.pk)
    return sum(
        len(said.split()) for said in rows.values_list("status_reason", flat=True)
    )


def state_of(tenant: Tenant) -> list[str]:
    rows = Customer.objects.for_tenant(tenant.pk).order_by("pk")
    return list(rows.values_list("status_reason", flat=True))


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_and_taken_up_it_ends_as_undisturbed(
    demo_bank: Tenant, second_bank: Tenant, make_customer: MakeCustomer, seed: int
) -> None:
    for bank in (demo_bank, second_bank):
        fill(bank, make_customer)
    register(1)
    whole = run_nightly(NAME, second_bank)
    kill_again_and_again(
        "tests.events.nightly_jobs", NAME, demo_bank.slug, day=demo_bank.today,
        done=lambda: touched(demo_bank), step=PEOPLE // KILLS, seed=seed,
    )  # fmt: skip
    assert 0 < touched(demo_bank) < 2 * PEOPLE
    run = run_nightly(NAME, demo_bank)
    assert run.starts > 1
    assert NightlyRun.objects.for_tenant(demo_bank.pk).count() == 1
    assert run.figures == whole.figures
    assert state_of(demo_bank) == state_of(second_bank)


def test_two_at_once_do_everything_once(
    demo_bank: Tenant, make_customer: MakeCustomer
) -> None:
    fill(demo_bank, make_customer)
    register(2, lambda _: time.sleep(0.01))
    results = race(*[lambda: run_nightly(NAME, demo_bank)] * 3)
    assert any(isinstance(result, NightlyRun) for result in results)
    assert all(isinstance(result, NightlyRun | DomainError) for result in results)
    runs = NightlyRun.objects.count()
    assert state_of(demo_bank) == [" ".join(["first second"] * runs)] * PEOPLE
