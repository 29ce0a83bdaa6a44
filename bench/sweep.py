"""The nightly activity sweep of many customers, beside one bare UPDATE and one INSERT
of the versions, on the same rows and in the same run."""

from argparse import Namespace
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from bench import crowd, machine
from bench.figures import spread
from bench.lab import Lab, say, wait_until
from bench.people import found_bank
from customers.registry.models import Customer
from deposits.models import Account, SweepRun
from events.models import NightlyRun, RecordedEvent
from tenants.models import Tenant
from tenants.services import get_machine

SHARES = (0, 1, 20)  # percent of the customers who change
GOAL_RATIO = 3.0  # times the bare SQL, where somebody changes
GOAL_AT_REST = 1.0  # seconds, where nobody does
_LIMIT = 3600.0  # seconds for one run


@dataclass
class Round:
    """Seconds, and what the sweeping process took."""

    sweep: float
    bare_customers: float
    bare_accounts: float
    memory_mb: float
    changed: int
    is_true: bool

    @property
    def bare(self) -> float:
        return self.bare_customers + self.bare_accounts


def measure(lab: Lab, asked: Namespace) -> dict[str, Any]:
    bank = found_bank()
    say(f"Making {asked.customers:,} customers with an account each …")
    crowd.make_customers(bank, asked.customers)
    before = machine.load_average()
    rounds = {
        share: [_round(lab, bank, asked.customers, share) for _ in range(asked.rounds)]
        for share in SHARES
    }
    return {
        "machine": machine.facts(),
        "load_average": {"before": before, "after": machine.load_average()},
        "asked": vars(asked),
        "shares": {f"{share} %": _figures(found) for share, found in rounds.items()},
        "goals": {
            f"ratio_at_{share}_percent": {
                "goal": f"<= {GOAL_RATIO}",
                "is_met": max(r.sweep / r.bare for r in rounds[share]) <= GOAL_RATIO,
            }
            for share in SHARES
            if share
        }
        | {
            "seconds_at_0_percent": {
                "goal": f"< {GOAL_AT_REST}",
                "is_met": max(r.sweep for r in rounds[0]) < GOAL_AT_REST,
            }
        },
        "check": {"is_true": all(r.is_true for each in rounds.values() for r in each)},
        "log_lines": lab.log_lines(),
    }


def _figures(rounds: list[Round]) -> dict[str, Any]:
    figures = {
        "changed_customers": rounds[0].changed,
        "sweep_seconds": spread([r.sweep for r in rounds], 2),
        "bare_seconds": spread([r.bare for r in rounds], 2),
        "bare_seconds_of_customers_alone": spread(
            [r.bare_customers for r in rounds], 2
        ),
        "memory_mb": spread([r.memory_mb for r in rounds]),
    }
    if rounds[0].changed:
        figures["ratio"] = spread([r.sweep / r.bare for r in rounds], 2)
        figures["ratio_to_customers_alone"] = spread(
            [r.sweep / r.bare_customers for r in rounds], 2
        )
    return figures


def _round(lab: Lab, bank: Tenant, customers: int, share: int) -> Round:
    """First bare, then swept, each on a table as fresh as the other found it."""
    changing = customers * share // 100
    crowd.grow_old(bank, changing)
    bare_customers, bare_accounts = _bare(bank)
    crowd.grow_old(bank, changing)
    seconds, memory = _sweep(lab)
    found = Round(
        seconds,
        bare_customers,
        bare_accounts,
        memory,
        changing,
        _is_true(bank, changing),
    )
    say(f"{share} %: {seconds:.1f} s, bare {found.bare:.1f} s, {memory:.0f} MB")
    return found


def _sweep(lab: Lab) -> tuple[float, float]:
    """As the operator starts it; its own clock, for interpreters start slowly."""
    lab.start("sweeper", "bench.sweeper", str(lab.folder / "sweeper.txt"))
    said = lab.folder / "sweeper.txt"
    try:
        if not wait_until(lambda: _is_written(said), limit=_LIMIT, every=0.5):
            raise TimeoutError(lab.tail("sweeper"))
        seconds, kilobytes = said.read_text().split()
    finally:
        lab.stop("sweeper")
        said.unlink(missing_ok=True)
    return float(seconds), int(kilobytes) / 1024


def _is_written(said: Path) -> bool:
    return said.exists() and said.read_text().endswith("\n")


def _bare(bank: Tenant) -> tuple[float, float]:
    """The least that could be done: no fact, no lock, no report, one transaction."""
    limit = timezone.now() - timedelta(days=366)
    begun = perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE registry_customer SET activity = 'inactive',"
            " row_version = row_version + 1 WHERE tenant_id = %s AND"
            " kyc_status = 'verified' AND activity = 'active'"
            " AND last_activity_at < %s",
            [bank.pk, limit],
        )
        _copy_versions(Customer, "activity = 'inactive'", bank)
        middle = perf_counter()
        cursor.execute(
            "UPDATE deposits_account a SET status = 'inactive' FROM registry_customer c"
            " WHERE c.id = a.customer_id AND c.tenant_id = %s"
            " AND c.activity = 'inactive' AND a.status = 'active'",
            [bank.pk],
        )
        _copy_versions(Account, "status = 'inactive'", bank)
    return middle - begun, perf_counter() - middle


def _copy_versions(table: Any, which: str, bank: Tenant) -> None:
    left_out = getattr(table, "unversioned", ())
    columns = [name for name in crowd.columns_of(table) if name not in left_out]
    names = ", ".join(columns)
    place, versions = crowd.place_of(table), crowd.place_of(table.history.model)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {versions} ({names}, history_date,"  # noqa: S608 - names of ours
            f" history_change_reason, history_type, history_user_id) SELECT {names},"
            f" now(), 'Bare', '~', %s FROM {place}"
            f" WHERE tenant_id = %s AND {which}",
            [get_machine("sweep").pk, bank.pk],
        )


def _is_true(bank: Tenant, changing: int) -> bool:
    """A fast sweep that leaves something out is worth nothing."""
    run = SweepRun.objects.select_related("run").latest("pk")
    reason = f"Days without activity on {run.counted_on.isoformat()}"
    counted = {
        run.changed,
        run.accounts_changed,
        Customer.objects.for_tenant(bank.pk).filter(activity="inactive").count(),
        Account.objects.for_tenant(bank.pk).filter(status="inactive").count(),
        Customer.history.filter(history_change_reason=reason).count(),
        Account.history.filter(history_change_reason=reason).count(),
        RecordedEvent.objects.filter(type="ActivityChanged").count(),
        RecordedEvent.objects.filter(type="AccountStatusChanged").count(),
    }
    return counted == {changing} and run.run.status == NightlyRun.Status.DONE
