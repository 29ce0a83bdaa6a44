"""Every nightly job over many customers: a first night, and one with nothing new.

Each run has a process of its own. Beside it stands the least that could be done, one
statement over the same rows; and the peak of memory at a tenth of the customers.
"""

import json
from argparse import Namespace
from typing import Any

from django.db import connection

from bench import bare, machine, nightfall
from bench.lab import Lab, say, wait_until
from bench.people import found_bank
from customers.registry.models import Customer
from events.nightly import NIGHTLIES
from tenants.models import Tenant
from tenants.services import create_tenant, get_machine

GOAL_MEMORY = 1.2  # times that of a tenth of the customers
_LIMIT = 7200.0  # seconds for one run
ELSEWHERE = ("activity",)  # bench/sweep.py measures it, with many who change
# What each job counts when it changes something; on the second night that is nothing.
CHANGING = {
    "tiers": ("repaired",),
    "segments": ("written", "moved"),
    "data_quality": ("opened", "closed"),
}


def measure(lab: Lab, asked: Namespace) -> dict[str, Any]:
    bank = found_bank()
    tenth = create_tenant(name="Tenth", slug="tenth", by=get_machine("setup"))
    say(f"Making {asked.customers:,} customers, and a tenth of that …")
    nightfall.make_night(bank, tenth, asked.customers)
    before = machine.load_average()
    wrong = {t.slug: nightfall.wrong_tiers(t) for t in (bank, tenth)}
    jobs = {
        job.name: _measured(lab, job.name, bank, tenth)
        for job in sorted(NIGHTLIES.values(), key=lambda job: job.hour)
        if job.name not in ELSEWHERE
    }
    return {
        "machine": machine.facts(),
        "load_average": {"before": before, "after": machine.load_average()},
        "asked": vars(asked),
        "customers": {t.slug: _count(t) for t in (bank, tenth)},
        "jobs": jobs,
        "goals": {
            f"memory_of_{name}": {
                "goal": f"<= {GOAL_MEMORY} times that at a tenth",
                "is_met": found["memory_growth"] <= GOAL_MEMORY,
            }
            for name, found in jobs.items()
        },
        "check": _check(jobs, wrong),
        "log_lines": lab.log_lines(),
    }


def _measured(lab: Lab, name: str, bank: Tenant, tenth: Tenant) -> dict[str, Any]:
    """First the small institution, then the large one, twice."""
    small = _night(lab, name, tenth)
    first, second = _night(lab, name, bank), _night(lab, name, bank)
    return {
        "first": first,
        "second": second,
        "at_a_tenth": small,
        "memory_growth": round(first["memory_mb"] / small["memory_mb"], 2),
        "bare_statement": bare.STATEMENTS.get(name, ("none is known",))[0],
    }


def _night(lab: Lab, name: str, tenant: Tenant) -> dict[str, Any]:
    """One run on tidy tables, after the bare statement on the same rows."""
    customers, seconds = _count(tenant), bare.seconds_of(name, tenant)
    _tidy()
    found = _run(lab, name, tenant)
    figures: dict[str, Any] = {
        "customers": customers,
        "minutes": round(found["seconds"] / 60, 2),
        "seconds": round(found["seconds"], 2),
        "rows_per_second": round(customers / found["seconds"]),
        "memory_mb": round(found["memory_mb"], 1),
        "figures": found["figures"],
    }
    if seconds:
        figures["bare_seconds"] = round(seconds, 2)
        figures["ratio"] = round(found["seconds"] / seconds, 2)
    say(f"{name} of {tenant.slug}: {figures['seconds']} s, {figures['memory_mb']} MB")
    return figures


def _tidy() -> None:
    """What an undone statement left would be swept up in the measured run."""
    for table in ("registry_customer", "risk_engagement", "quality_finding"):
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM ANALYZE {table}")


def _run(lab: Lab, name: str, tenant: Tenant) -> dict[str, Any]:
    said = lab.folder / "night.json"
    lab.start("night", "bench.nightworker", name, tenant.slug, str(said))
    try:
        if not wait_until(lambda: said.exists() or lab.has_ended("night"),
                          limit=_LIMIT, every=0.2) or not said.exists():  # fmt: skip
            raise RuntimeError(f"{name} came to no end:\n{lab.tail('night')}")
        found: dict[str, Any] = json.loads(said.read_text())
    finally:
        lab.stop("night")
        said.unlink(missing_ok=True)
    return found


def _count(tenant: Tenant) -> int:
    return int(Customer.objects.for_tenant(tenant.pk).living().count())


def _check(jobs: dict[str, Any], wrong: dict[str, int]) -> dict[str, Any]:
    """Each found something on the first night, and on the second nothing."""
    found = {
        name: {
            "first": sum(job["first"]["figures"][key] for key in CHANGING[name]),
            "second": sum(job["second"]["figures"][key] for key in CHANGING[name]),
        }
        for name, job in jobs.items()
        if name in CHANGING
    }
    tiers = jobs["tiers"]
    is_repaired = (
        tiers["first"]["figures"]["repaired"] == wrong["bench"]
        and tiers["at_a_tenth"]["figures"]["repaired"] == wrong["tenth"]
    )
    return {
        "changed": found,
        "wrong_tiers": wrong,
        "is_true": is_repaired
        and all(job["first"] and not job["second"] for job in found.values()),
    }
