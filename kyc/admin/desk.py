"""The KYC desk: quarantine, differences, decisions by hand, open attempts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from common.dialogs import require
from common.face import age, ago, due
from customers.registry.models import LIVING, Task, TaskKind
from kyc import labels
from kyc.admin.differences import difference_context
from kyc.admin.queues import differences_to_accept
from kyc.admin.tables import waiting_table
from kyc.models import Applicant, Callback
from tenants.models import User

FEW, MANY = 10, 100  # rows on the tab Everything, and on a tab of its own


@dataclass(frozen=True)
class Desk:
    """What one user may see of the desk, and which tab is open."""

    user: User
    tab: str
    asked_customer: str = ""

    @property
    def rows(self) -> int:
        return MANY if self.tab else FEW

    def shows(self, tab: str) -> bool:
        return self.tab in ("", tab)

    @property
    def quarantined(self) -> QuerySet[Callback]:
        return Callback.objects.for_user(self.user).quarantined()

    @property
    def decisions(self) -> QuerySet[Task]:
        if not self.user.has_perm("registry.view_task"):
            return Task.objects.none()
        rows: QuerySet[Task] = Task.objects.for_user(self.user).open()
        return rows.filter(kind=TaskKind.KYC_DECISION)

    @property
    def attempts(self) -> QuerySet[Applicant]:
        rows: QuerySet[Applicant] = Applicant.objects.for_user(self.user).open()
        return rows

    @property
    def sees_differences(self) -> bool:
        return bool(self.user.has_perm("kyc.view_difference"))


def desk_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    require(request, "kyc.view_callback")
    tab = request.GET.get("tab", "")
    desk = Desk(
        request.user,  # type: ignore[arg-type]
        tab if tab in TABS else "",
        request.GET.get("customer", ""),
    )
    counts = {key: count(desk) for key, (_, count) in TABS.items()}
    context = {
        **site.each_context(request),
        "title": "KYC desk",
        "tabs": _tabs(desk, counts),
        "panels": _panels(desk, counts),
        "empty_fact": "Nothing waits here.",
    }
    if desk.shows("quarantined") and counts["quarantined"]:
        context |= _quarantined(desk, counts["quarantined"])
    if desk.shows("differences") and desk.sees_differences:
        context["difference"] = difference_context(
            desk.user, desk.asked_customer, desk.tab
        )
    return TemplateResponse(request, "kyc/desk.html", context)


TABS: dict[str, tuple[str, Callable[[Desk], int]]] = {
    "quarantined": ("Quarantined", lambda desk: desk.quarantined.count()),
    "differences": (
        "Differences",
        lambda desk: (
            differences_to_accept(desk.user).count if desk.sees_differences else 0
        ),
    ),
    "decide": ("To decide by hand", lambda desk: desk.decisions.count()),
    "open": ("Open attempts", lambda desk: desk.attempts.count()),
}


def _tabs(desk: Desk, counts: dict[str, int]) -> list[dict[str, Any]]:
    place = reverse("admin:kyc_desk")
    everything = {"name": "Everything", "url": place, "is_active": not desk.tab}
    return [
        {**everything, "count": None},
        *(
            {
                "name": name,
                "url": f"{place}?tab={key}",
                "count": counts[key],
                "is_active": desk.tab == key,
            }
            for key, (name, _) in TABS.items()
        ),
    ]


def _quarantined(desk: Desk, total: int) -> dict[str, Any]:
    rows = desk.quarantined.select_related("customer").order_by("received_at", "id")
    may = desk.user.has_perm("kyc.resolve_callback")
    return {
        "quarantined": [_callback(row, may=may) for row in rows[: desk.rows]],
        "quarantined_total": total,
        "quarantined_url": _all_url(desk, "quarantined", total),
    }


def _all_url(desk: Desk, tab: str, total: int) -> str:
    """Where the rest is, when the tab Everything does not show all."""
    is_cut = not desk.tab and total > FEW
    return f"{reverse('admin:kyc_desk')}?tab={tab}" if is_cut else ""


def _callback(row: Callback, *, may: bool) -> dict[str, Any]:
    shown = {
        "title": labels.why_it_waits(row),
        "note": labels.what_to_make_of_it(row),
        "sent": labels.sent_words(row),
        "sent_id": labels.short_id(row.applicant_id),
        "applicant_id": row.applicant_id,
        "url": reverse("admin:kyc_callback_change", args=[row.pk]),
        "received": labels.received(row.received_at),
    }
    if row.customer:
        shown["customer_name"] = row.customer.name
        shown["public_id"] = row.customer.public_id
        shown["customer_url"] = _customer_url(row.customer_id)
    if may:
        shown["replay_url"] = reverse("admin:kyc_callback_replay", args=[row.pk])
        if row.applicant_id:
            shown["refetch_url"] = reverse("admin:kyc_callback_refetch", args=[row.pk])
    return shown


def _customer_url(customer_id: Any) -> str:
    return reverse("admin:registry_customer_change", args=[customer_id])


def _panels(desk: Desk, counts: dict[str, int]) -> list[dict[str, Any]]:
    panels = []
    if desk.shows("decide") and counts["decide"]:
        may = desk.user.has_perm("kyc.decide_kyc")
        rows = desk.decisions.select_related("customer").order_by("due_at", "id")
        panels.append(
            _panel(desk, "decide", "To decide by hand", counts["decide"])
            | waiting_table(
                [_decision(task, may=may) for task in rows[: desk.rows]],
                heads=("Why", "Due", "Opened"),
            )
        )
    if desk.shows("open") and counts["open"]:
        may = desk.user.has_perm("kyc.resolve_callback")
        found = desk.attempts.select_related("customer")
        oldest = found.order_by(F("fetched_at").asc(nulls_first=True), "started_at")
        panels.append(
            _panel(desk, "open", "Open attempts", counts["open"])
            | waiting_table(
                [_attempt(row, may=may) for row in oldest[: desk.rows]],
                heads=("Attempt", "State", "Age"),
            )
        )
    return panels


def _panel(desk: Desk, tab: str, title: str, total: int) -> dict[str, Any]:
    url = _all_url(desk, tab, total)
    return {
        "title": title,
        "note": str(total),
        "action_verb": f"All {total}" if url else "",
        "action_url": url,
    }


def _decision(task: Task, *, may: bool) -> dict[str, Any]:
    row = {
        "title": task.customer.name,
        "url": _customer_url(task.customer_id),
        "meta": task.customer.public_id,
        "what": task.reason.replace("_", " ").capitalize(),
        "label": due(task.due_at),
        "note": ago(task.opened_at),
    }
    if may and task.customer.status in LIVING:
        row["verb"], row["is_page"] = "Decide", True
        row["verb_url"] = reverse("admin:kyc_decide", args=[task.customer_id])
    return row


def _attempt(attempt: Applicant, *, may: bool) -> dict[str, Any]:
    customer = attempt.customer
    row = {
        "title": customer.name,
        "url": _customer_url(customer.pk),
        "meta": customer.public_id,
        "what": labels.attempt_words(attempt),
        "label": labels.attempt_label(attempt),
        "note": age(timezone.now() - attempt.started_at),
    }
    if may and not labels.is_by_hand(attempt):
        row["verb"] = "Re-fetch"
        row["verb_url"] = reverse("admin:kyc_applicant_refetch", args=[attempt.pk])
    return row
