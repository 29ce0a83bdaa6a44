"""The line of messages to give: the oldest first, whose each is, and who takes one."""

from typing import Any

from django.contrib import admin
from django.db.models import Min, OuterRef, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from common import worklist
from common.admin import COUNT_NO_FURTHER
from common.worklist import QueueCount
from customers.contacts.choices import Delivery
from customers.contacts.models import Message
from customers.registry.claims.running import at_it, colleague_at_it, first_claimed
from customers.registry.models import Claim, ClaimKind
from tenants.models import User

CHANGE = "contacts.change_contact"
CLAIMED = ClaimKind.MESSAGE
MOST_TRIED = 20  # claims that colleagues won in the same moment, before giving up
WAITING, MINE, FREE, SETTLED, ALL = "waiting", "mine", "unassigned", "settled", "all"
STATES = (
    (WAITING, "To be given"), (MINE, "Mine"), (FREE, "Unassigned"),
    (SETTLED, "Done"), (ALL, "All"),
)  # fmt: skip
IN_LINE = (WAITING, MINE, FREE)


@worklist.queue("Messages to give", permission=CHANGE, order=55, desk="messages")
def messages_to_give(user: User) -> QueueCount:
    """Calls and letters for customers whom no machine may or can reach."""
    rows = Message.objects.for_user(user).waiting()
    url = reverse("admin:contacts_message_changelist")
    oldest_at = rows.aggregate(oldest_at=Min("made_at"))["oldest_at"]
    return QueueCount(count=rows.count(), url=url, oldest_at=oldest_at)


class StateFilter(admin.SimpleListFilter):
    """Those to be given unless told; the saved views are these."""

    title = "state"
    parameter_name = "state"

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return list(STATES[1:])

    def queryset(self, request: HttpRequest, rows: Any) -> Any:
        return in_state(rows, self.value() or WAITING, request.user)


def in_state(rows: Any, state: str, user: Any) -> Any:
    match state:
        case "waiting":
            return rows.waiting()
        case "mine":
            return rows.waiting().filter(at_it(CLAIMED, user))
        case "unassigned":
            return free_of(rows, user)
        case "settled":
            return rows.exclude(status=Delivery.WAITING)
    return rows


def free_of(rows: Any, user: Any) -> Any:
    """Those that nobody is at."""
    is_taken = at_it(CLAIMED, user) | colleague_at_it(CLAIMED, user)
    return rows.waiting().exclude(is_taken)


def state_of(request: HttpRequest) -> str:
    state = request.GET.get("state", WAITING)
    return state if state in dict(STATES) else WAITING


def order_of(request: HttpRequest) -> tuple[str, str]:
    """Who has waited longest comes first; of what is done, the newest."""
    is_line = state_of(request) in IN_LINE
    return ("made_at", "id") if is_line else ("-made_at", "-id")


def views_of(request: HttpRequest, rows: Any) -> list[dict[str, Any]]:
    """The tabs above the list; what waits is counted."""
    here = state_of(request)
    counts = {
        state: in_state(rows, state, request.user)[:COUNT_NO_FURTHER].count()
        for state in IN_LINE
    }
    return [
        {
            "name": name,
            "url": "?" if state == WAITING else f"?state={state}",
            "count": counts.get(state),
            "is_active": state == here,
        }
        for state, name in STATES
    ]


def with_holder(rows: Any, user: Any) -> Any:
    """Each row knows the name of who is at it."""
    running = Claim.objects.for_user(user).running(CLAIMED, timezone.now())
    name = running.filter(subject_id=OuterRef("pk")).values("by__name")[:1]
    return rows.annotate(holder=Subquery(name))


def take_next(user: User) -> Message | None:
    """Claim the oldest that nobody is at; two who ask at once get two."""
    rows = free_of(Message.objects.for_user(user), user).order_by("made_at", "id")
    return first_claimed(CLAIMED, rows[:MOST_TRIED], user, lambda row: row.pk)
