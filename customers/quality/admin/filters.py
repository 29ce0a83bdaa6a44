"""By what the list of findings is narrowed."""

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from customers.quality.choices import Severity
from customers.quality.rules.board import RULES

STATES = (
    ("open", "Open"), ("accepted", "Accepted"), ("closed", "Closed"), ("all", "All"),
)  # fmt: skip


def in_state(rows: Any, state: str) -> Any:
    match state:
        case "open":
            return rows.counting()
        case "accepted":
            return rows.accepted()
        case "closed":
            return rows.closed()
    return rows


class StateFilter(admin.SimpleListFilter):
    """What counts, unless told; the saved views are these."""

    title = "state"
    parameter_name = "state"

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return list(STATES[1:])

    def queryset(self, _request: HttpRequest, rows: Any) -> Any:
        return in_state(rows, self.value() or "open")


class RuleFilter(admin.SimpleListFilter):
    """The rules of this release; asking the table would read all of it."""

    title = "rule"
    parameter_name = "rule"

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return sorted(
            ((rule.key, rule.title) for rule in RULES.values()), key=lambda row: row[1]
        )

    def queryset(self, _request: HttpRequest, rows: Any) -> Any:
        return rows.filter(rule=self.value()) if self.value() else rows


class SeverityFilter(admin.SimpleListFilter):
    title = "severity"
    parameter_name = "severity"

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return [(value, str(label)) for value, label in Severity.choices]

    def queryset(self, _request: HttpRequest, rows: Any) -> Any:
        if not self.value():
            return rows
        keys = [rule.key for rule in RULES.values() if rule.severity == self.value()]
        return rows.filter(rule__in=keys)


class AgeFilter(admin.SimpleListFilter):
    title = "age"
    parameter_name = "older"
    DAYS: ClassVar = (("7", "Over a week"), ("30", "Over 30 days"),
                      ("90", "Over 90 days"))  # fmt: skip

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return list(self.DAYS)

    def queryset(self, request: HttpRequest, rows: Any) -> Any:
        if self.value() not in dict(self.DAYS):
            return rows
        tenant = request.user.tenant  # type: ignore[union-attr]
        today = tenant.today if tenant else timezone.now().date()
        return rows.older_than(today - timedelta(days=int(self.value() or 0)))
