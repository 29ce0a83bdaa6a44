"""Events: every fact of the institution, newest first, never changed."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from common.face import moment, two_lines
from common.lists.columns import HouseList
from events.admin.deliveries import delivery_label
from events.admin.records import (
    SEE_RESTRICTED,
    RecordAdmin,
    customer_link,
    error_words,
    event_words,
    names_of,
    reading,
)
from events.events import EVENT_TYPES
from events.models import RecordedEvent


class KindFilter(admin.SimpleListFilter):
    """The events of this release; asking the table would read all of it."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, _admin: Any) -> list[tuple[str, str]]:
        may_read = request.user.has_perm(SEE_RESTRICTED)
        return sorted(
            (name, _spaced(name))
            for name, event in EVENT_TYPES.items()
            if may_read or not event.is_restricted
        )

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(type=self.value()) if self.value() else rows


def _spaced(name: str) -> str:
    spaced = "".join(f" {c.lower()}" if c.isupper() else c for c in name)
    return spaced.strip().capitalize()


class EventList(HouseList):
    """Names the customers of a page with one query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        names = names_of(rows, request.user)
        for row in rows:
            row.named = names.get(row.subject_id)
        self.result_list = rows


@admin.register(RecordedEvent)
class RecordedEventAdmin(RecordAdmin):
    list_display = ("what", "about", "who", "why", "at")
    list_filter = (KindFilter,)
    list_select_related = ("actor",)
    ordering = ("-created_at", "-id")
    empty_fact = "No event yet."
    empty_advice = "Everything that happens appears here."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("actor")
        if not request.user.has_perm(SEE_RESTRICTED):
            rows = rows.filter(is_restricted=False)
        seen: QuerySet[Any] = reading(rows, request.user)
        return seen

    def get_changelist(self, *_: Any, **__: Any) -> type[HouseList]:
        return EventList

    def get_object_or_404(self, request: HttpRequest, object_id: str) -> Any:
        row = super().get_object_or_404(request, object_id)
        row.named = names_of([row], request.user).get(row.subject_id)
        return row

    @admin.display(description="What happened")
    def what(self, row: RecordedEvent) -> SafeString:
        title, detail = event_words(row)
        return two_lines(title, detail)

    @admin.display(description="About")
    def about(self, row: Any) -> SafeString:
        return customer_link(row, may_see=row.may_see_customer, named=row.named)

    @admin.display(description="Why")
    def why(self, row: Any) -> str | None:
        """Reasons are compliance's words about customers."""
        return row.reason or None if row.may_read else None

    @admin.display(description="Who")
    def who(self, row: RecordedEvent) -> str:
        return str(row.actor)

    @admin.display(description="When")
    def at(self, row: RecordedEvent) -> str:
        return moment(row.created_at)

    def facts_of(self, row: Any) -> list[tuple[str, Any]]:
        title, detail = event_words(row)
        return [
            ("What happened", f"{title} {detail}".strip()),
            ("About", self.about(row)),
            ("Who", str(row.actor)),
            ("Why", self.why(row)),
            ("When", moment(row.created_at)),
            ("Kind", row.type),
        ]

    def more_of(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        if not request.user.has_perm("events.view_delivery"):
            return {}
        rows = [
            {
                "label": delivery_label(delivery),
                "title": delivery.title,
                "meta": error_words(delivery, may_see=row.may_see_customer),
                "url": reverse("admin:events_delivery_change", args=[delivery.pk]),
            }
            for delivery in row.deliveries.order_by("handler")
        ]
        panel = {
            "title": "Deliveries",
            "rows": rows,
            "empty_fact": "Nobody subscribes to it.",
        }
        return {"panels": [panel]}
