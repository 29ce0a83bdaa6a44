"""The provisioning desk: its views, its filter, and its queues on the home page."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Min, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from common import worklist
from common.lists.columns import HouseList
from onboarding.models import STUCK_AFTER, Provisioning
from onboarding.steps import failed_customer_ids, steps_of_all, stuck_for
from tenants.models import User

# How the list may be narrowed; without a word it shows who is under way.
STATES = {
    "stuck": "Stuck",
    "branch": "Waits for the branch",
    "done": "Done",
    "all": "All",
}
LIST = "admin:onboarding_provisioning_changelist"


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, _: HttpRequest, __: Any) -> list[tuple[str, str]]:
        return list(STATES.items())

    def choices(self, changelist: Any) -> Any:
        """Say what no choice means here."""
        first, *rest = super().choices(changelist)
        yield {**first, "display": "Under way"}
        yield from rest

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Provisioning]:
        rows = queryset
        if self.value() == "stuck":
            rows = rows.stuck(timezone.now(), failed_customer_ids(request.user))
        elif self.value() == "branch":
            rows = rows.awaiting_hand_over()
        elif self.value() == "done":
            rows = rows.done()
        elif self.value() is None and not request.GET.get("q"):
            rows = rows.under_way()
        found: QuerySet[Provisioning] = rows
        return found


class TrackerList(HouseList):
    """Gives all rows of a page, or of a piece of a file, their steps by one query."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        may_retry = request.user.has_perm("onboarding.retry_step")
        for tracker in self.result_list:
            tracker.may_retry = may_retry

    def complete(self, rows: list[Any]) -> None:
        steps = steps_of_all(rows)
        for tracker in rows:
            tracker.steps = steps[tracker.pk]


def list_views(request: HttpRequest) -> list[dict[str, Any]]:
    """The tabs above the list; those that ask for work are counted."""
    mine = Provisioning.objects.for_user(request.user)
    counts = {
        "": mine.under_way().count(),
        "stuck": stuck_for(request.user).count(),
        "branch": mine.awaiting_hand_over().count(),
    }
    here = request.GET.get("state", "")
    return [
        {
            "name": name,
            "url": f"?{urlencode({'state': key})}" if key else "?",
            "count": counts.get(key),
            "is_active": key == here,
        }
        for key, name in {"": "Under way", **STATES}.items()
    ]


@worklist.queue(
    "Stuck provisioning",
    permission="onboarding.view_provisioning",
    order=40,
    desk="provisioning",
    stale_after=STUCK_AFTER,
)
def stuck_provisioning(user: User) -> worklist.QueueCount:
    return _counted(stuck_for(user), "stuck")


@worklist.queue("Passwords to hand over", permission="onboarding.retry_step", order=60)
def passwords_to_hand_over(user: User) -> worklist.QueueCount:
    waiting = Provisioning.objects.for_user(user).awaiting_hand_over()
    return _counted(waiting, "branch")


def _counted(rows: QuerySet[Provisioning], state: str) -> worklist.QueueCount:
    return worklist.QueueCount(
        count=rows.count(),
        url=f"{reverse(LIST)}?{urlencode({'state': state})}",
        oldest_at=rows.aggregate(oldest=Min("started_at"))["oldest"],
    )
