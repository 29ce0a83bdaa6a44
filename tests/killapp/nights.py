"""Nightly jobs that run in a process of their own and are killed as by a power cut.

A module of the tests says by `prepare()` how the job is there: in small windows, that
a kill falls into the middle. As a program: the process that is killed.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from importlib import import_module

import django
from django.utils import timezone

PEOPLE = 40
KILLS = 4


def expire() -> None:
    """What two minutes do to the run of a process that died."""
    from events.models import NightlyRun

    past = timezone.now() - timedelta(seconds=1)
    NightlyRun.objects.filter(status="running").update(leased_until=past)


def kill_again_and_again(
    module: str, name: str, slug: str, *, day: date, done: Callable[[], int],
    step: int, seed: int,
) -> None:  # fmt: skip
    """Start the job and kill it, KILLS times, each after some `step`s more or fewer.

    `done` counts what was committed so far.
    """
    chance = random.Random(seed)
    for _ in range(KILLS):
        _start_and_kill([module, name, slug, str(day)], done, step, chance)
        expire()


def _start_and_kill(
    arguments: list[str], done: Callable[[], int], step: int, chance: random.Random
) -> None:
    from tests.killapp.processes import PATIENCE, ROOT, database_url

    environment = {
        **os.environ,  # noqa: TID251 - passed on, but for what follows
        "DATABASE_URL": database_url(),
        "PYTHONPATH": str(ROOT),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "tests.killapp.nights", *arguments],
        cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            target = done() + chance.randint(0, step)
            end = time.monotonic() + PATIENCE
            while done() < target and process.poll() is None:
                assert time.monotonic() < end
            time.sleep(chance.uniform(0, 0.03))
        finally:
            process.kill()


def run_here(module: str, name: str, slug: str, day: str) -> None:
    """What the process does: say that it is ready, then run the job."""
    django.setup()

    from events.nightly import run_nightly
    from tenants.models import Tenant

    import_module(module).prepare()
    tenant = Tenant.objects.get(slug=slug)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    run_nightly(name, tenant, counted_on=date.fromisoformat(day))


if __name__ == "__main__":
    run_here(*sys.argv[1:])
