"""Deliveries: what waits, what gave up, and trying again."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from common.dialogs import Dialog, ask, require
from common.face import Label, label_html, moment, two_lines, until
from events.admin.records import (
    RecordAdmin,
    capped,
    customer_link,
    error_words,
    event_words,
    reading,
)
from events.events import SUBSCRIPTIONS
from events.models import Delivery
from events.services import retry_delivery

LONGEST_ERROR = 160  # characters in the list; the page shows all
AGAIN = Dialog(
    title="Try again",
    submit="Try again",
    description="The handler runs at once, and its tries are counted anew."
    " Handlers are harmless to run twice.",
)


def delivery_label(row: Delivery) -> Label:
    match row.status:
        case Delivery.Status.DONE:
            done = moment(row.done_at) if row.done_at else ""
            return Label("Done", "good", done)
        case Delivery.Status.FAILED:
            return Label("Given up", "stop")
        case Delivery.Status.RUNNING:
            return Label("Running", "wait")
    return Label("Retrying", "warn") if row.last_error else Label("Due", "wait")


def may_try_again(row: Delivery) -> bool:
    return row.status in (Delivery.Status.DUE, Delivery.Status.FAILED)


class StateFilter(admin.SimpleListFilter):
    """What is not done, unless told; the saved views are these."""

    title = "state"
    parameter_name = "state"
    STATES: ClassVar = (
        ("open", "Open"), ("stuck", "Given up"), ("done", "Done"), ("all", "All"),
    )  # fmt: skip

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return list(self.STATES[1:])

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> Any:
        return in_state(rows, self.value() or "open")


def in_state(rows: Any, state: str) -> Any:
    match state:
        case "open":
            return rows.open()
        case "stuck":
            return rows.stuck()
        case "done":
            return rows.filter(status=Delivery.Status.DONE)
    return rows


class HandlerFilter(admin.SimpleListFilter):
    """The handlers of this release; asking the table would read all of it."""

    title = "handler"
    parameter_name = "handler"

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return sorted((s.name, f"{s.title} ({s.name})") for s in SUBSCRIPTIONS.values())

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(handler=self.value()) if self.value() else rows


@admin.register(Delivery)
class DeliveryAdmin(RecordAdmin):
    list_display = ("what", "state", "attempts", "next_try", "error", "customer")
    list_filter = (StateFilter, HandlerFilter)
    ordering = ("-id",)
    empty_fact = "Nothing waits."
    empty_advice = "Deliveries appear here until they are done."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("event")
        seen: QuerySet[Any] = reading(rows, request.user)
        return seen

    def usual_columns(self, request: HttpRequest) -> tuple[str, ...]:
        may = request.user.has_perm("events.retry_delivery")
        return (*self.list_display, "again") if may else self.list_display

    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        answer: HttpResponse = super().changelist_view(
            request, {"views": self._views(request), **(extra_context or {})}
        )
        return answer

    def _views(self, request: HttpRequest) -> list[dict[str, Any]]:
        rows = Delivery.objects.for_user(request.user)
        here = request.GET.get("state", "open")
        return [
            {
                "name": name,
                "url": "?" if state == "open" else f"?state={state}",
                "count": capped(in_state(rows, state))
                if state in ("open", "stuck")
                else None,
                "is_active": state == here,
            }
            for state, name in StateFilter.STATES
        ]

    @admin.display(description="Delivery")
    def what(self, row: Any) -> SafeString:
        title, _ = event_words(row.event, may_read=row.may_read)
        return two_lines(row.title, f"after: {title}")

    @admin.display(description="State")
    def state(self, row: Delivery) -> SafeString:
        return label_html(delivery_label(row))

    @admin.display(description="Next try")
    def next_try(self, row: Delivery) -> str | None:
        if row.status != Delivery.Status.DUE:
            return None
        return until(row.due_at) if row.due_at > timezone.now() else "now"

    @admin.display(description="Last error")
    def error(self, row: Any) -> str | None:
        said = error_words(row, may_see=row.may_see_customer)
        return Truncator(said).chars(LONGEST_ERROR) or None

    @admin.display(description="About")
    def customer(self, row: Any) -> SafeString:
        return customer_link(row.event, may_see=row.may_see_customer)

    @admin.display(description="")
    def again(self, row: Delivery) -> str:
        if not may_try_again(row):
            return ""
        verb = {"verb": "Try again", "url": _again_url(row), "is_dialog": True}
        return render_to_string("face/_verb.html", verb)

    # --- one delivery --------------------------------------------------------------
    def facts_of(self, row: Any) -> list[tuple[str, Any]]:
        title, detail = event_words(row.event, may_read=row.may_read)
        return [
            ("Handler", f"{row.title} ({row.handler})"),
            ("After", f"{title} {detail}".strip()),
            ("About", self.customer(row)),
            ("State", label_html(delivery_label(row))),
            ("Tries", row.attempts),
            ("Next try", self.next_try(row)),
            ("Last error", error_words(row, may_see=row.may_see_customer)),
            ("Published", moment(row.created_at)),
            ("Done", moment(row.done_at) if row.done_at else ""),
        ]

    def more_of(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        if not request.user.has_perm("events.retry_delivery") or not may_try_again(row):
            return {}
        deed = {"verb": "Try again", "url": _again_url(row), "is_dialog": True}
        return {"deeds": [deed]}

    def get_urls(self) -> list[URLPattern]:
        again = path(
            "<uuid:delivery_id>/again/",
            self.admin_site.admin_view(self.try_again),
            name="events_delivery_again",
        )
        return [again, *super().get_urls()]

    def try_again(self, request: HttpRequest, delivery_id: UUID) -> HttpResponse:
        require(request, "events.retry_delivery")
        row = self.get_object_or_404(request, str(delivery_id))

        def act(_form: Any) -> str:
            retry_delivery(row.pk, by=request.user)  # type: ignore[arg-type]
            return reverse("admin:events_delivery_changelist")

        done = f"“{row.title}” is tried again."
        return ask(request, AGAIN, object_id=row.pk, act=act, done=done)


def _again_url(row: Delivery) -> str:
    return reverse("admin:events_delivery_again", args=[row.pk])
