"""A sweep that is killed again and again ends as one that nobody disturbed."""

import os
import random
import subprocess
import sys
import time

import pytest

from common.errors import DomainError
from deposits.activity.sweeping import sweep_tenant
from deposits.models import SweepRun
from events.models import RecordedEvent
from tenants.models import Tenant
from tests.conftest import MakeCustomer, race
from tests.deposits.sweeps import DAY, age, expire_lease, state_of, with_account
from tests.killapp.processes import PATIENCE, ROOT, database_url

PEOPLE = 40
KILLS = 4

pytestmark = pytest.mark.django_db(transaction=True)


def fill(tenant: Tenant, make_customer: MakeCustomer) -> None:
    """Each bank gets the same people, in the same order."""
    for number in range(PEOPLE):
        customer = make_customer(
            tenant=tenant, verified=True, email=f"person{number}@mail.example"
        )
        with_account(customer)
        age(customer, (100, 400, 4000)[number % 3], ("active", "inactive")[number % 2])


def start_and_kill(tenant: Tenant, chance: random.Random) -> None:
    """Start a sweep of batches of one, and do what a power cut does."""
    environment = {
        **os.environ,  # noqa: TID251 - passed on, but for what follows
        "DATABASE_URL": database_url(),
        "PYTHONPATH": str(ROOT),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "tests.deposits.start_sweep", tenant.slug, "1"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            target = moved(tenant) + chance.randint(0, PEOPLE // (2 * KILLS))
            end = time.monotonic() + PATIENCE
            while moved(tenant) < target and process.poll() is None:
                assert time.monotonic() < end
            time.sleep(chance.uniform(0, 0.01))
        finally:
            process.kill()


def moved(tenant: Tenant) -> int:
    return RecordedEvent.objects.filter(tenant=tenant, type="ActivityChanged").count()


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_and_taken_up_it_ends_as_undisturbed(
    demo_bank: Tenant, second_bank: Tenant, make_customer: MakeCustomer, seed: int
) -> None:
    for bank in (demo_bank, second_bank):
        fill(bank, make_customer)
    whole = sweep_tenant(second_bank, DAY)
    chance = random.Random(seed)
    for _ in range(KILLS):
        start_and_kill(demo_bank, chance)
        expire_lease()
    run = sweep_tenant(demo_bank, DAY)
    assert run.starts > 1
    assert SweepRun.objects.for_tenant(demo_bank.pk).count() == 1
    assert run.changes == whole.changes
    assert run.accounts_changed == whole.accounts_changed
    assert state_of(demo_bank) == state_of(second_bank)


def test_two_at_once_change_everybody_once(
    demo_bank: Tenant, second_bank: Tenant, make_customer: MakeCustomer
) -> None:
    for bank in (demo_bank, second_bank):
        fill(bank, make_customer)
    sweep_tenant(second_bank, DAY)
    results = race(*[lambda: sweep_tenant(demo_bank, DAY, batch=2)] * 3)
    assert any(isinstance(result, SweepRun) for result in results)
    assert all(isinstance(result, SweepRun | DomainError) for result in results)
    assert state_of(demo_bank) == state_of(second_bank)
