"""The line of checks that wait: the oldest first; of what is done, the newest."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Count, Min
from django.http import HttpRequest
from django.urls import reverse

from common import worklist
from common.admin import COUNT_NO_FURTHER
from common.worklist import QueueCount
from customers.checks.choices import VIEW
from customers.checks.models import OutsideCheck
from tenants.models import User

WAITING, ANSWERED, ALL = "waiting", "answered", "all"
STATES = ((WAITING, "Open"), (ANSWERED, "Answered"), (ALL, "All"))


@worklist.queue(
    "Outside checks open", permission=VIEW, order=56, desk="checks",
    stale_after=timedelta(days=3),
)  # fmt: skip
def open_checks(user: User) -> QueueCount:
    """The list's first tab; of bureau checks only whoever may know of them learns."""
    rows = OutsideCheck.objects.for_user(user).waiting().order_by("asked_at", "id")
    found = rows[:COUNT_NO_FURTHER].aggregate(
        count=Count("pk"), oldest_at=Min("asked_at")
    )
    return QueueCount(url=reverse("admin:checks_outsidecheck_changelist"), **found)


class StateFilter(admin.SimpleListFilter):
    """Those that are open unless told; the saved views are these."""

    title = "state"
    parameter_name = "state"

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return list(STATES[1:])

    def queryset(self, request: HttpRequest, rows: Any) -> Any:  # noqa: ARG002
        match self.value() or WAITING:
            case "waiting":
                return rows.waiting()
            case "answered":
                return rows.answered()
        return rows


def state_of(request: HttpRequest) -> str:
    state = request.GET.get("state", WAITING)
    return state if state in dict(STATES) else WAITING


def order_of(request: HttpRequest) -> tuple[str, str]:
    is_line = state_of(request) == WAITING
    return ("asked_at", "id") if is_line else ("-asked_at", "-id")


def views_of(request: HttpRequest, rows: Any) -> list[dict[str, Any]]:
    """The tabs above the list; what is open is counted."""
    here = state_of(request)
    waiting = rows.waiting()[:COUNT_NO_FURTHER].count()
    return [
        {
            "name": name,
            "url": "?" if state == WAITING else f"?state={state}",
            "count": waiting if state == WAITING else None,
            "is_active": state == here,
        }
        for state, name in STATES
    ]
