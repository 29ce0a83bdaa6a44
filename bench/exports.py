"""How fast a list of customers becomes a file, and what memory that costs, beside
COPY and a `csv` writer over one statement with the same columns and the same order.

Each file is written by a process of its own; all three must say the same of everybody.
"""

import json
from argparse import Namespace
from statistics import median
from typing import Any
from uuid import uuid4

from django.contrib import admin
from django.db import connection
from django.utils import timezone

from bench import machine
from bench.census.loading import go_on_after, load
from bench.census.rows import Census
from bench.figures import spread
from bench.lab import Lab, say, wait_until
from bench.people import found_bank
from customers.registry.choices import EntityType, KycStatus, Risk, Status
from customers.registry.models import Customer
from customers.tiers.services import tiers_of
from exports.lists import CHUNK
from exports.models import Export
from exports.services import Asked, request_export
from tenants.models import User
from tenants.services import get_machine, register_staff

__all__ = ["CHUNK", "HEADINGS", "measure", "statement"]

GOAL_RATIO = 0.3  # of the rows a second of the csv writer
GOAL_MEMORY = 1.2  # times that of a tenth of the rows
_LIMIT = 1800.0  # seconds for one file
_KEY = "registry.customer"
_COLUMNS = (
    "customer", "status_label", "kyc_label", "tier_name", "risk_label",
    "last_activity", "email_said", "phone_said",
)  # fmt: skip
HEADINGS = (
    "Name", "Number", "Legal form", "Status", "KYC", "Tier", "Risk", "Last activity",
    "E-mail", "Phone",
)  # fmt: skip
_ALIKE = ("copy", "csv", "house")
# What a customer waits for is asked of three rooms; the one statement knows nothing
# of that.
_WAITS = "house_with_waits"
_WAYS = (*_ALIKE, _WAITS)


def measure(lab: Lab, asked: Namespace) -> dict[str, Any]:
    bank = found_bank()
    clerk = register_staff(
        tenant=bank, email="clerk@bench.example", name="Clerk",
        roles=["compliance_officer"], by=get_machine("setup"),
    )  # fmt: skip
    say(f"Loading {asked.customers:,} customers …")
    tiers_of(bank)  # their names stand in the file
    load(Census(bank, clerk, asked.customers))
    go_on_after(bank, asked.customers)
    before = machine.load_average()
    few = _small_one(lab, clerk, asked.customers // 10)
    rounds = [_round(lab, clerk, number) for number in range(1, asked.rounds + 1)]
    ratios = [found["csv"]["seconds"] / found["house"]["seconds"] for found in rounds]
    growth = median(r["house"]["memory_mb"] for r in rounds) / few["memory_mb"]
    return {
        "machine": machine.facts(),
        "load_average": {"before": before, "after": machine.load_average()},
        "asked": vars(asked),
        "columns": len(HEADINGS),
        "rows_per_second": _each(rounds, lambda one: one["rows"] / one["seconds"]),
        "seconds": _each(rounds, lambda one: one["seconds"], 2),
        "memory_mb": _each(rounds, lambda one: one["memory_mb"]),
        "memory_mb_at_a_tenth": round(few["memory_mb"], 1),
        "megabytes": round(rounds[0]["house"]["megabytes"], 1),
        "ratio_to_csv": spread(ratios, 2),
        "goals": {
            "ratio_to_csv": {
                "goal": f">= {GOAL_RATIO:g}", "is_met": median(ratios) >= GOAL_RATIO,
            },
            "memory": {
                "goal": f"<= {GOAL_MEMORY:g} times that at a tenth",
                "found": round(growth, 2),
                "is_met": growth <= GOAL_MEMORY,
            },
        },
        "check": _check(rounds, asked.customers),
        "log_lines": lab.log_lines(),
    }  # fmt: skip


def statement() -> str:
    """One statement for the list's columns; values in words, in the list's order."""
    instant = """'YYYY-MM-DD"T"HH24:MI:SS"Z"'"""
    return f"""
        SELECT c.name, c.public_id, {_in_words("entity_type", EntityType)},
            {_in_words("status", Status)}, {_in_words("kyc_status", KycStatus)},
            trim(c.tier || ' ' || coalesce(t.name, '')), {_in_words("risk", Risk)},
            coalesce(to_char(c.last_activity_at AT TIME ZONE 'UTC', {instant}), ''),
            c.email, c.phone
        FROM registry_customer c
        JOIN tenants_tenant b ON b.id = c.tenant_id AND b.slug = 'bench'
        LEFT JOIN tiers_tier t ON t.tenant_id = c.tenant_id AND t.number = c.tier
        ORDER BY c.registered_at DESC, c.id DESC
    """  # noqa: S608 - words of ours


def _in_words(column: str, choices: Any) -> str:
    words = " ".join(f"WHEN '{code}' THEN '{label}'" for code, label in choices.choices)
    return f"CASE c.{column} {words} ELSE '' END"


def _small_one(lab: Lab, clerk: User, about: int) -> dict[str, Any]:
    """A file of about so many rows: the youngest customers."""
    youngest = Customer.objects.order_by("-registered_at", "-pk")
    first = youngest.values_list("registered_at", flat=True)[about]
    since = f"registered_at__gt={first.isoformat().replace('+', '%2B')}"
    return _file(lab, clerk, "house", since)


def _round(lab: Lab, clerk: User, number: int) -> dict[str, Any]:
    found = {way: _file(lab, clerk, way) for way in _WAYS}
    said = ", ".join(f"{way} {one['seconds']:.2f} s" for way, one in found.items())
    say(f"Round {number}: {said}")
    return found


def _file(lab: Lab, clerk: User, way: str, query: str = "") -> dict[str, Any]:
    """Let a process write it; what it found."""
    export = _begun(clerk, query, has_waits=way == _WAITS)
    said = lab.folder / "export.json"
    lab.start(
        "export", "bench.exportworker", way.partition("_")[0], str(export.pk), str(said)
    )
    try:
        if not wait_until(lambda: said.exists() or lab.has_ended("export"),
                          limit=_LIMIT) or not said.exists():  # fmt: skip
            raise RuntimeError(f"{way} came to no end:\n{lab.tail('export')}")
        found: dict[str, Any] = json.loads(said.read_text())
    finally:
        lab.stop("export")
        said.unlink(missing_ok=True)
    Export.objects.filter(pk=export.pk).update(status=Export.Status.CANCELLED)
    connection.close()
    return found


def _begun(clerk: User, query: str, *, has_waits: bool) -> Export:
    """An export as a worker has it in hand."""
    assert admin.site.is_registered(Customer)
    columns = [*_COLUMNS, *(["waits_for"] if has_waits else [])]
    asked = Asked(list_key=_KEY, querystring=query, columns=columns, reason="Measured")
    export = request_export(asked, export_id=uuid4(), by=clerk)
    export.begin()
    export.build, export.building_until = uuid4(), timezone.now()
    export.save_as(clerk, "Measured")
    return export


def _each(rounds: list[dict[str, Any]], value: Any, digits: int = 0) -> dict[str, Any]:
    return {
        way: spread([value(found[way]) for found in rounds], digits) for way in _WAYS
    }


def _check(rounds: list[dict[str, Any]], customers: int) -> dict[str, Any]:
    """Every file holds everybody, and all of them say the same in the same order."""
    rows = {one["rows"] for found in rounds for one in found.values()}
    digests = {found[way]["digest"] for found in rounds for way in _ALIKE}
    return {
        "rows": sorted(rows),
        "different_files": len(digests),
        "is_true": rows == {customers} and len(digests) == 1,
    }
