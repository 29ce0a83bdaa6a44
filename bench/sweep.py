"""The nightly activity sweep of many customers, beside one bare UPDATE and one INSERT
of the versions, on the same rows and in the same run."""

from argparse import Namespace
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from bench import crowd, machine
from bench.figures import spread
from bench.lab import Lab, say, wait_until
from bench.people import found_bank
from customers.registry.models import Customer, Task
from deposits.models import Account, SweepRun
from events.models import NightlyRun, RecordedEvent
from tenants.models import Tenant
from tenants.services import get_machine

SHARES = (0, 1, 20)  # percent of the customers who change
DORMANT_SHARE = 1  # percent who become dormant, in a round of their own
GOAL_RATIO = 3.0  # times the bare SQL, where somebody changes
GOAL_AT_REST = 1.0  # seconds, where nobody does
_LIMIT = 3600.0  # seconds for one run


@dataclass(frozen=True)
class Turn:
    """What becomes of the customers who change, and from how many days on."""

    activity: str
    after_days: int
    has_tasks: bool = False


INACTIVE = Turn("inactive", 365)
DORMANT = Turn("suspended", 3650, has_tasks=True)


@dataclass
class Round:
    """Seconds, and what the sweeping process took."""

    sweep: float
    bare_customers: float
    bare_accounts: float
    bare_tasks: float
    memory_mb: float
    changed: int
    is_true: bool

    @property
    def bare(self) -> float:
        return self.bare_customers + self.bare_accounts + self.bare_tasks


def measure(lab: Lab, asked: Namespace) -> dict[str, Any]:
    bank = found_bank()
    say(f"Making {asked.customers:,} customers with an account each …")
    crowd.make_customers(bank, asked.customers)
    before = machine.load_average()
    rounds = {
        share: [
            _round(lab, bank, asked.customers, share, INACTIVE)
            for _ in range(asked.rounds)
        ]
        for share in SHARES
    }
    dormant = [
        _round(lab, bank, asked.customers, DORMANT_SHARE, DORMANT)
        for _ in range(asked.rounds)
    ]
    return {
        "machine": machine.facts(),
        "load_average": {"before": before, "after": machine.load_average()},
        "asked": vars(asked),
        "shares": {f"{share} %": _figures(found) for share, found in rounds.items()},
        # No goal yet: each of them gets a task for compliance, which is opened in
        # Python with its version, event and deliveries.
        f"{DORMANT_SHARE} % become dormant": _figures(dormant)
        | {"bare_seconds_of_tasks": spread([r.bare_tasks for r in dormant], 2)},
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
        "check": {
            "is_true": all(
                r.is_true for each in (*rounds.values(), dormant) for r in each
            )
        },
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


def _round(lab: Lab, bank: Tenant, customers: int, share: int, turn: Turn) -> Round:
    """First bare, then swept, each on a table as fresh as the other found it."""
    changing = customers * share // 100
    _grow_old(bank, changing, turn)
    bare = _bare(bank, turn)
    _grow_old(bank, changing, turn)
    seconds, memory = _sweep(lab)
    found = Round(seconds, *bare, memory, changing, _is_true(bank, changing, turn))
    say(
        f"{share} % {turn.activity}: {seconds:.1f} s, bare {found.bare:.1f} s,"
        f" {memory:.0f} MB"
    )
    return found


def _grow_old(bank: Tenant, changing: int, turn: Turn) -> None:
    tasks = ", ".join(map(crowd.place_of, (Task, Task.history.model)))
    _run(f"TRUNCATE {tasks} CASCADE")
    crowd.grow_old(bank, changing)
    if turn == INACTIVE:
        return
    now = timezone.now()
    long_ago = now - timedelta(days=turn.after_days + 50)
    _run(
        "UPDATE registry_customer SET last_activity_at = %s WHERE tenant_id = %s"
        " AND kyc_status = 'verified' AND last_activity_at < %s",
        long_ago, bank.pk, now - timedelta(days=INACTIVE.after_days + 1),
    )  # fmt: skip
    _run("VACUUM ANALYZE registry_customer")


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


def _bare(bank: Tenant, turn: Turn) -> tuple[float, float, float]:
    """The least that could be done: no fact, no lock, no report, one transaction.

    Returns the seconds for customers, for accounts and for tasks.
    """
    limit = timezone.now() - timedelta(days=turn.after_days + 1)
    state = turn.activity
    times = [perf_counter()]
    with transaction.atomic():
        _run(
            "UPDATE registry_customer SET activity = %s,"
            " row_version = row_version + 1 WHERE tenant_id = %s AND"
            " kyc_status = 'verified' AND activity = 'active'"
            " AND last_activity_at < %s",
            state, bank.pk, limit,
        )  # fmt: skip
        _copy_versions(Customer, f"activity = '{state}'", bank)
        times.append(perf_counter())
        _run(
            "UPDATE deposits_account a SET status = %s FROM registry_customer c"
            " WHERE c.id = a.customer_id AND c.tenant_id = %s"
            " AND c.activity = %s AND a.status = 'active'",
            state, bank.pk, state,
        )  # fmt: skip
        _copy_versions(Account, f"status = '{state}'", bank)
        times.append(perf_counter())
        if turn.has_tasks:
            _open_tasks(bank, state)
        times.append(perf_counter())
    customers, accounts, tasks = (b - a for a, b in pairwise(times))
    return customers, accounts, tasks


def _open_tasks(bank: Tenant, state: str) -> None:
    """One for each who became so, with its version."""
    own = {
        "id": "gen_random_uuid()", "tenant_id": "c.tenant_id", "customer_id": "c.id",
        "kind": "'dormancy_review'", "reason": "'dormant'", "opened_at": "now()",
        "due_at": "now() + interval '30 days'",
        "opened_by_id": f"'{get_machine('sweep').pk}'::uuid",
    }  # fmt: skip
    read, values = [], []
    for field in Task._meta.concrete_fields:  # noqa: SLF001 - Django's documented API
        column = str(field.column)
        read.append(own.get(column, "%s"))
        if column not in own:
            values.append(field.get_db_prep_save(field.get_default(), connection))
    _run(
        f"INSERT INTO registry_task ({', '.join(crowd.columns_of(Task))})"  # noqa: S608 - names of ours
        f" SELECT {', '.join(read)} FROM registry_customer c"
        " WHERE c.tenant_id = %s AND c.activity = %s",
        *values, bank.pk, state,
    )  # fmt: skip
    _copy_versions(Task, "kind = 'dormancy_review'", bank)


def _run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


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


def _is_true(bank: Tenant, changing: int, turn: Turn) -> bool:
    """A fast sweep that leaves something out is worth nothing."""
    run = SweepRun.objects.select_related("run").latest("pk")
    reason = f"Days without activity on {run.counted_on.isoformat()}"
    state, facts = turn.activity, RecordedEvent.objects
    counted = {
        run.changed,
        run.accounts_changed,
        Customer.objects.for_tenant(bank.pk).filter(activity=state).count(),
        Account.objects.for_tenant(bank.pk).filter(status=state).count(),
        Customer.history.filter(history_change_reason=reason).count(),
        Account.history.filter(history_change_reason=reason).count(),
        facts.filter(type="ActivityChanged").count(),
        facts.filter(type="AccountStatusChanged").count(),
    }
    tasks = {
        Task.objects.open().filter(tenant=bank).count(),
        Task.history.count(),
        facts.filter(type="TaskOpened").count(),
    }
    is_done = run.run.status == NightlyRun.Status.DONE
    expected = changing if turn.has_tasks else 0
    return is_done and counted == {changing} and tasks == {expected}
