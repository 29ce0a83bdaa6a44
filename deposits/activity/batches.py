"""One batch of the sweep: customers and their accounts move together, or not at all."""

import logging
from collections import Counter, defaultdict
from functools import cache
from itertools import product
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from common.text import clean
from customers.registry.choices import Activity, TaskKind
from customers.registry.choices import Status as CustomerStatus
from customers.registry.commands.tasks_in_bulk import DORMANT, open_tasks
from customers.registry.models import Customer
from deposits.activity.finding import (
    NOT_DORMANT,
    Found,
    concerned,
    example_of,
    found,
)
from deposits.activity.keeping import Sweep
from deposits.activity.report import Report
from deposits.activity.writing import ACCOUNTS, CUSTOMERS
from deposits.models import Account, demanded_status
from events.in_bulk import Deed, Move, move_rows
from events.nightly import Window
from tenants.services import get_machine

log = logging.getLogger(__name__)

# Whoever holds a customer longer is listed as an error; tomorrow's run tries again.
LOCK_TIMEOUT = "10s"


def sweep_window(sweep: Sweep, window: Window) -> None:
    """Move all of the window; one that cannot be moved is listed and holds up nobody.

    A window that fails is halved until the customer is found who makes it fail.
    """
    try:
        with transaction.atomic():
            sweep.record(window, _move(sweep, window))
    except DatabaseError as error:
        if not connection.is_usable():
            raise  # the database is away: that is nobody's fault in particular
        sweep.forget_undone()
        _sweep_around(sweep, window, error)


def _sweep_around(sweep: Sweep, window: Window, error: DatabaseError) -> None:
    rows = _concerned(sweep, window).order_by("pk")
    keys = list(rows.values_list("pk", "public_id"))
    if len(keys) > 1:
        middle = keys[(len(keys) - 1) // 2][0]
        sweep_window(sweep, Window(window.stage, window.after, middle))
        sweep_window(sweep, Window(window.stage, middle, window.upto))
        return
    report = Report()
    for _, public_id in keys:
        report = _failed(public_id, error)
    with transaction.atomic():
        sweep.record(window, report)


def _concerned(sweep: Sweep, window: Window) -> QuerySet[Any]:
    return window.of(concerned(sweep.rule, sweep.night.tenant.pk))


def _failed(public_id: str, error: DatabaseError) -> Report:
    """The first line alone: the database's details quote the row."""
    text = clean(str(error)).partition("\n")[0][:200]
    log.error("Activity sweep: customer %s: %s", public_id, text)
    return Report(errors=[{"customer": public_id, "error": text}], error_count=1)


def _move(sweep: Sweep, window: Window) -> Report:
    _wait_no_longer()
    rule, ordered = sweep.rule, _concerned(sweep, window).order_by("pk")
    rows = list(found(ordered.select_for_update(of=("self",), no_key=True)))
    if not rows:
        return Report()
    deed = Deed(
        by=get_machine("sweep"),
        tenant_id=sweep.night.tenant.pk,
        reason=f"Days without activity on {rule.counted_on.isoformat()}",
        at=timezone.now(),
    )
    moving = [row for row in rows if row.activity != Activity.SUSPENDED]
    accounts_changed = _move_to_demanded(moving, deed)
    dormant = [row.id for row in moving if row.demanded == Activity.SUSPENDED]
    released = [row.id for row in rows if row.activity == Activity.SUSPENDED]
    for keys, reason in ((dormant, DORMANT), (released, NOT_DORMANT)):
        open_tasks(keys, TaskKind.DORMANCY_REVIEW, reason=reason, deed=deed)
    return Report(
        changes=Counter(f"{row.activity} {row.demanded}" for row in moving),
        accounts_changed=accounts_changed,
        examples=[example_of(row, rule) for row in moving[:20]],
    )


def _move_to_demanded(rows: list[Found], deed: Deed) -> int:
    moves: defaultdict[str, list[UUID]] = defaultdict(list)
    for row in rows:
        moves[row.demanded].append(row.id)
    return move_customers([Move(*move) for move in moves.items()], deed)


def move_customers(moves: list[Move], deed: Deed) -> int:
    """Bring customers to their activity, accounts with them; how many accounts."""
    move_rows(CUSTOMERS, moves, deed)
    return _move_accounts([key for move in moves for key in move.keys], deed)


def _move_accounts(customer_ids: list[UUID], deed: Deed) -> int:
    """Let the accounts follow; frozen and closed ones stay."""
    accounts = (
        Account.objects.following()
        .filter(customer__in=customer_ids)
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
        .values_list("pk", "status", "customer__status", "customer__activity")
    )
    moves: defaultdict[str, list[UUID]] = defaultdict(list)
    for key, stands, status, activity in accounts:
        demanded = _demands()[status, activity]
        if demanded != stands:
            moves[demanded].append(key)
    move_rows(ACCOUNTS, [Move(*move) for move in moves.items()], deed)
    return sum(map(len, moves.values()))


@cache
def _demands() -> dict[tuple[str, str], str]:
    """`demanded_status` of every state that a customer can be in."""
    return {
        (status.value, activity.value): demanded_status(
            Customer(status=status, activity=activity)
        ).value
        for status, activity in product(CustomerStatus, Activity)
    }


def _wait_no_longer() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT]
            )
