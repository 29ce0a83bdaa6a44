"""The KYC desk: what waits, oldest first; the case that is open; open attempts."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.admin import AdminSite
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from common import worklist
from common.dialogs import require
from common.face import age
from common.worklist import QueueCount
from kyc import labels
from kyc.admin.cases import bar_of, may_take
from kyc.admin.differences import difference_context
from kyc.admin.places import OPEN_ATTEMPTS, Place
from kyc.admin.queue import of_callback, queue_rows
from kyc.admin.tables import waiting_table
from kyc.cases.line import FREE, MINE, CaseLine, Counted
from kyc.cases.sources import SEES, CaseKind
from kyc.models import Applicant, Callback
from tenants.models import User

MOST = 100  # rows; the rest come up as these are done
NAMES = {"": "Waiting", MINE: "Mine", FREE: "Unassigned"}


@dataclass(frozen=True)
class Desk:
    """What one user sees of the desk, and where at it they are."""

    user: User
    place: Place
    asked_customer: str = ""
    asked_callback: str = ""
    counts: dict[CaseKind, Counted] = field(default_factory=dict)

    @classmethod
    def at(cls, request: HttpRequest) -> "Desk":
        user: User = request.user  # type: ignore[assignment]
        line, asked = CaseLine.of(user), request.GET
        counts = {kind: line.count(kind) for kind in line.kinds}
        customer, callback = asked.get("customer", ""), asked.get("case", "")
        return cls(user, Place.asked(asked), customer, callback, counts)

    @property
    def line(self) -> CaseLine:
        return CaseLine.of(self.user, self.place.kind)

    @property
    def counted(self) -> Counted:
        """Of the tab that is open."""
        kinds = self.line.kinds
        return sum((self.counts[kind] for kind in kinds), Counted())

    @property
    def attempts(self) -> QuerySet[Applicant]:
        rows: QuerySet[Applicant] = Applicant.objects.for_user(self.user).open()
        return rows

    def shows(self, kind: CaseKind) -> bool:
        is_asked = self.asked_customer or not self.place.whose
        return self.place.tab in ("", kind) and kind in self.counts and bool(is_asked)


def desk_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    require(request, "kyc.view_callback")
    desk = Desk.at(request)
    context = {
        **site.each_context(request),
        "title": "KYC desk",
        "tabs": _tabs(desk),
        "place": desk.place,
        "may_take": may_take(desk.user) and desk.place.tab != OPEN_ATTEMPTS,
        "panels": [],
        **_empty(desk),
    }
    if desk.place.tab == OPEN_ATTEMPTS:
        context["panels"] = _attempts_panel(desk)
    else:
        context |= _queue(desk) | _open_case(desk)
    return TemplateResponse(request, "kyc/desk.html", context)


@worklist.queue(
    "KYC documents came", permission=SEES[CaseKind.CAME], order=51, desk="kyc"
)
def documents_came(user: User) -> QueueCount:
    return _waiting(user, CaseKind.CAME)


@worklist.queue("KYC on hold", permission=SEES[CaseKind.HELD], order=52, desk="kyc")
def kyc_on_hold(user: User) -> QueueCount:
    return _waiting(user, CaseKind.HELD)


def _waiting(user: User, kind: CaseKind) -> QueueCount:
    """What the tab of this kind counts, for the home page; one query."""
    counted = CaseLine.of(user, kind).count(kind)
    return QueueCount(
        count=counted.all, url=Place(kind.value).url, oldest_at=counted.oldest_at
    )


def _tabs(desk: Desk) -> list[dict[str, Any]]:
    """The queues; whose one looks at stays chosen."""
    found: list[tuple[str, str, int | None]] = [("", "Everything", None)]
    found += [
        (kind.value, str(kind.label), counted.all)
        for kind, counted in desk.counts.items()
    ]
    found += [(OPEN_ATTEMPTS, "Open attempts", desk.attempts.count())]
    return [
        {
            "name": name,
            "url": Place(tab, desk.place.whose).url,
            "count": count,
            "is_active": desk.place.tab == tab,
        }
        for tab, name, count in found
    ]


def _queue(desk: Desk) -> dict[str, Any]:
    whose = desk.place.whose
    cases = desk.line.cases(whose, most=MOST)
    rows = queue_rows(cases, desk.user, desk.place)
    total = {"": desk.counted.all, MINE: desk.counted.mine, FREE: desk.counted.free}
    return {
        "whose_tabs": _whose_tabs(desk, total),
        "queue": [row for row in rows if row["subject"] != desk.asked_callback],
        "queue_title": desk.place.kind.label if desk.place.kind else "What waits",
        "queue_note": f"oldest first, {len(rows)} of {total[whose]}"
        if total[whose] > len(rows)
        else "oldest first",
    }


def _whose_tabs(desk: Desk, total: dict[str, int]) -> list[dict[str, Any]]:
    """Mine, unassigned, all: how many, and the age of the oldest."""
    oldest_at = desk.counted.oldest_at
    since = f", oldest {age(timezone.now() - oldest_at)}" if oldest_at else ""
    return [
        {
            "name": name,
            "url": Place(desk.place.tab, whose).url,
            "count": f"{total[whose]}{'' if whose else since}",
            "is_active": desk.place.whose == whose,
        }
        for whose, name in NAMES.items()
    ]


def _empty(desk: Desk) -> dict[str, str]:
    """What is not there, and what to do instead."""
    if desk.place.whose == MINE:
        return {
            "empty_fact": "You are at no case.",
            "empty_advice": "Press Take next for the oldest that you may decide.",
        }
    if desk.place.whose == FREE and desk.place.tab != OPEN_ATTEMPTS:
        return {
            "empty_fact": "Nothing waits here that nobody is at.",
            "empty_advice": "Look at the other tabs, or at what colleagues are at.",
        }
    return {
        "empty_fact": "Nothing waits here.",
        "empty_advice": "Callbacks that need a person, differences, and customers to"
        " decide on by hand appear here by themselves; look at the other tabs.",
    }


def _open_case(desk: Desk) -> dict[str, Any]:
    """The case that is open: the callback or the difference that was asked for.

    Where none was, the difference that comes first.
    """
    if desk.asked_callback:
        return _open_callback(desk)
    if not desk.shows(CaseKind.DIFFERENCES):
        return {}
    found = difference_context(desk.user, desk.asked_customer, desk.place)
    return {"difference": found, "is_opened": bool(desk.asked_customer)}


def _open_callback(desk: Desk) -> dict[str, Any]:
    try:
        asked = UUID(desk.asked_callback)
    except ValueError:
        return {}
    waiting = Callback.objects.for_user(desk.user).quarantined()
    row = waiting.select_related("customer").filter(pk=asked).first()
    if row is None:
        return {"is_gone": True}
    kinds = (CaseKind.QUARANTINED,)
    return {
        "callback": {
            "title": labels.why_it_waits(row),
            "note": labels.what_to_make_of_it(row),
            "received": labels.received(row.received_at),
            "customer": row.customer,
            "bar": bar_of(desk.user, row.pk, kinds, desk.place),
            **of_callback(row, may=desk.user.has_perm("kyc.resolve_callback")),
        }
    }


def _attempts_panel(desk: Desk) -> list[dict[str, Any]]:
    """Who is at Sumsub or at the customer; these wait for nobody of ours."""
    total = desk.attempts.count()
    if not total:
        return []
    may = desk.user.has_perm("kyc.resolve_callback")
    found = desk.attempts.select_related("customer")
    oldest = found.order_by(F("fetched_at").asc(nulls_first=True), "started_at")
    rows = [_attempt(row, may=may) for row in oldest[:MOST]]
    note = f"oldest {MOST} of {total}" if total > MOST else str(total)
    heads = ("Attempt", "State", "Age")
    return [{"title": "Open attempts", "note": note} | waiting_table(rows, heads=heads)]


def _attempt(attempt: Applicant, *, may: bool) -> dict[str, Any]:
    customer = attempt.customer
    row = {
        "title": customer.name,
        "url": reverse("admin:registry_customer_change", args=[customer.pk]),
        "meta": customer.public_id,
        "what": labels.attempt_words(attempt),
        "label": labels.attempt_label(attempt),
        "note": age(timezone.now() - attempt.started_at),
    }
    if may and not labels.is_by_hand(attempt):
        row["verb"] = "Re-fetch"
        row["verb_url"] = reverse("admin:kyc_applicant_refetch", args=[attempt.pk])
    return row
