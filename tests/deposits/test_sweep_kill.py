"""A sweep that is killed again and again ends as one that nobody disturbed."""

import pytest

from common.errors import DomainError
from deposits.activity import sweeping
from deposits.activity.sweeping import ACTIVITY, sweep_tenant
from deposits.models import SweepRun
from events.models import RecordedEvent
from tenants.models import Tenant
from tests.conftest import MakeCustomer, race
from tests.deposits.sweeps import DAY, age, state_of, with_account
from tests.killapp.nights import KILLS, PEOPLE, kill_again_and_again

pytestmark = pytest.mark.django_db(transaction=True)


def fill(tenant: Tenant, make_customer: MakeCustomer) -> None:
    """Each bank gets the same people, in the same order."""
    for number in range(PEOPLE):
        customer = make_customer(
            tenant=tenant, verified=True, email=f"person{number}@mail.example"
        )
        with_account(customer)
        age(customer, (100, 400, 4000)[number % 3], ("active", "inactive")[number % 2])


def moved(tenant: Tenant) -> int:
    return RecordedEvent.objects.filter(tenant=tenant, type="ActivityChanged").count()


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_and_taken_up_it_ends_as_undisturbed(
    demo_bank: Tenant, second_bank: Tenant, make_customer: MakeCustomer, seed: int
) -> None:
    for bank in (demo_bank, second_bank):
        fill(bank, make_customer)
    whole = sweep_tenant(second_bank, DAY)
    kill_again_and_again(
        "tests.deposits.sweeps", ACTIVITY, demo_bank.slug, day=DAY,
        done=lambda: moved(demo_bank), step=PEOPLE // (2 * KILLS), seed=seed,
    )  # fmt: skip
    run = sweep_tenant(demo_bank, DAY)
    assert run.run.starts > 1
    assert SweepRun.objects.for_tenant(demo_bank.pk).count() == 1
    assert run.changes == whole.changes
    assert run.accounts_changed == whole.accounts_changed
    assert run.run.figures == whole.run.figures
    assert state_of(demo_bank) == state_of(second_bank)


def test_two_at_once_change_everybody_once(
    demo_bank: Tenant, second_bank: Tenant, make_customer: MakeCustomer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for bank in (demo_bank, second_bank):
        fill(bank, make_customer)
    sweep_tenant(second_bank, DAY)
    monkeypatch.setattr(sweeping, "BATCH", 2)
    results = race(*[lambda: sweep_tenant(demo_bank, DAY)] * 3)
    assert any(isinstance(result, SweepRun) for result in results)
    assert all(isinstance(result, SweepRun | DomainError) for result in results)
    assert state_of(demo_bank) == state_of(second_bank)
