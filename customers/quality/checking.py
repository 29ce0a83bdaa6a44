"""Bring findings in step with the data: open new ones, close the healed."""

import logging
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, QuerySet

from common.errors import DomainError
from customers.quality.models import LONGEST_DETAIL, DailyCount, Finding
from customers.quality.opening import Opening
from customers.quality.remembering import Memory
from customers.quality.rules.board import CHECKS, RULES, Hit, Scope
from customers.registry.models import Customer
from tenants.models import Tenant

log = logging.getLogger(__name__)
MOST_NAMED = 20  # customers in one line of the log
Key = tuple[UUID, str, str]  # customer, rule, subject


class Step(NamedTuple):
    """How many findings were opened and closed, and how many files no key opens."""

    opened: int
    closed: int
    errors: int


@dataclass
class Difference:
    """What has to be written so that findings are what the rules say.

    Of `unreadable` customers nothing is: what their files hold is not known.
    """

    unreadable: set[UUID] = field(default_factory=set)
    opened: list[tuple[str, Hit]] = field(default_factory=list)
    healed: list[Finding] = field(default_factory=list)
    moved: list[tuple[Finding, Hit]] = field(default_factory=list)

    @property
    def customer_ids(self) -> set[UUID]:
        found = {hit.customer_id for _, hit in self.opened}
        found |= {finding.customer_id for finding in self.healed}
        return found | {finding.customer_id for finding, _ in self.moved}


def hits_of(scope: Scope) -> dict[Key, Hit]:
    """All that the rules say of the customers now.

    Raises DomainError where no key opens the file of one.
    """
    said, unreadable = _said(scope)
    if unreadable:
        _log(scope, unreadable)
        raise DomainError("The answers on file cannot be read; tell your operators.")
    return said


def _said(
    scope: Scope, memory: Memory | None = None
) -> tuple[dict[Key, Hit], set[UUID]]:
    """The same of those whose files open, and who the others are."""
    said = {
        (hit.customer_id, key, hit.subject): hit
        for key, check in CHECKS.items()
        for hit in check(scope)
    }
    files = memory or Opening(scope)
    for key, hit in files.hits():
        said[hit.customer_id, key, hit.subject] = hit
    shut = files.unreadable
    return {key: hit for key, hit in said.items() if key[0] not in shut}, shut


def bring_in_step(scope: Scope, memory: Memory | None = None) -> Step:
    """Write what differs. Within a transaction.

    The rules read without locks. Customers about whom something changes are locked and
    read again, so that a correction made meanwhile is never overwritten.
    """
    seen, written = _difference(scope, memory), Difference()
    if differing := seen.customer_ids:
        rows = Customer.objects.for_tenant(scope.tenant.pk).filter(pk__in=differing)
        list(rows.select_for_update().order_by("pk").values_list("pk"))
        written = _write(Scope(scope.tenant, scope.on, ids=differing))
    unreadable = seen.unreadable | written.unreadable
    if unreadable:
        _log(scope, unreadable)
    still = _open_of(scope).filter(last_seen_on__lt=scope.on)
    still.exclude(customer_id__in=unreadable).update(last_seen_on=scope.on)
    return Step(len(written.opened), len(written.healed), len(unreadable))


def _log(scope: Scope, unreadable: set[UUID]) -> None:
    named = ", ".join(sorted(map(str, unreadable))[:MOST_NAMED])
    log.error(
        "Data quality of %s: no key opens the answers of %d customers: %s",
        scope.tenant.pk, len(unreadable), named,
    )  # fmt: skip


def _open_of(scope: Scope) -> QuerySet[Finding]:
    return scope.of(Finding.objects.for_tenant(scope.tenant.pk).open())


def _difference(scope: Scope, memory: Memory | None = None) -> Difference:
    said, unreadable = _said(scope, memory)
    found = Difference(unreadable)
    for finding in _open_of(scope).exclude(customer_id__in=unreadable):
        hit = said.pop((finding.customer_id, finding.rule, finding.subject), None)
        if hit is None:
            found.healed.append(finding)
        elif _is_another(finding, hit):
            found.moved.append((finding, hit))
    found.opened = [(key[1], hit) for key, hit in said.items()]
    return found


def _is_another(finding: Finding, hit: Hit) -> bool:
    if finding.detail != hit.detail[:LONGEST_DETAIL]:
        return True
    return bool(finding.accepted_mark) and finding.accepted_mark != hit.mark


def _write(scope: Scope) -> Difference:
    difference = _difference(scope)
    Finding.objects.bulk_create(
        Finding(
            tenant=scope.tenant, customer_id=hit.customer_id, rule=key,
            subject=hit.subject, detail=hit.detail[:LONGEST_DETAIL],
            opened_on=scope.on, last_seen_on=scope.on,
        )
        for key, hit in difference.opened
    )  # fmt: skip
    healed = [finding.pk for finding in difference.healed]
    Finding.objects.filter(pk__in=healed).update(closed_on=scope.on)
    _move(difference.moved)
    return difference


def _move(moved: list[tuple[Finding, Hit]]) -> None:
    """Say the new detail; what was accepted is no longer what stands there."""
    for finding, hit in moved:
        finding.detail = hit.detail[:LONGEST_DETAIL]
        if finding.accepted_mark and finding.accepted_mark != hit.mark:
            finding.accepted_at = finding.accepted_by = None
            finding.accepted_reason = finding.accepted_mark = ""
    Finding.objects.bulk_update(
        [finding for finding, _ in moved],
        ["detail", "accepted_at", "accepted_by", "accepted_reason", "accepted_mark"],
        batch_size=500,
    )


def count_day(tenant: Tenant, day: date) -> int:
    """Keep the figures of a day for the trend; harmless to repeat. Returns the open.

    What was opened and closed the day before is final only now, so it is said again.
    """
    rows = Finding.objects.for_tenant(tenant.pk)
    counting, accepted = _by_rule(rows.counting()), _by_rule(rows.accepted())
    opened = _by_rule(rows.filter(opened_on=day))
    closed = _by_rule(rows.filter(closed_on=day))
    for key in RULES:
        DailyCount.objects.update_or_create(
            tenant=tenant, rule=key, day=day,
            defaults={
                "open": counting.get(key, 0), "accepted": accepted.get(key, 0),
                "opened": opened.get(key, 0), "closed": closed.get(key, 0),
            },
        )  # fmt: skip
    _settle(tenant, day - timedelta(days=1))
    return sum(counting.values())


def _settle(tenant: Tenant, day: date) -> None:
    rows = Finding.objects.for_tenant(tenant.pk)
    opened = _by_rule(rows.filter(opened_on=day))
    closed = _by_rule(rows.filter(closed_on=day))
    counts = DailyCount.objects.for_tenant(tenant.pk).filter(day=day)
    for key in {*opened, *closed}:
        counts.filter(rule=key).update(
            opened=opened.get(key, 0), closed=closed.get(key, 0)
        )


def _by_rule(rows: QuerySet[Finding]) -> dict[str, int]:
    counted = rows.order_by().values("rule").annotate(n=Count("pk"))
    return {row["rule"]: row["n"] for row in counted}
