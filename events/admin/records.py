"""What deliveries and events have in common: rows without versions, said in words."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, Value
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common.admin import COUNT_NO_FURTHER, HouseAdmin
from common.face import NOTHING
from events.models import Delivery, RecordedEvent

# Permissions, a page and a table of an app above, by name only: whoever runs the outbox
# need not be one who may see customers, or that somebody is looked at.
SEE_RESTRICTED = "registry.view_task"
SEE_CUSTOMERS = "registry.view_customer"
CUSTOMER_PAGE = "admin:registry_customer_change"
CUSTOMERS = ("registry", "Customer")


def event_words(event: RecordedEvent, *, may_read: bool = True) -> tuple[str, str]:
    """Title and detail of an event, whatever release wrote it."""
    if event.is_restricted and not may_read:
        return "Restricted", ""
    try:
        known = event.as_event()
        return known.words() if known else (event.type, "")
    except (TypeError, ValueError, LookupError):
        return event.type, ""  # written by a release with other fields


def names_of(events: Iterable[RecordedEvent], user: Any) -> dict[str, tuple[str, str]]:
    """Name and public id of the customers the events are about, with one query."""
    if not user.has_perm(SEE_CUSTOMERS):
        return {}
    ids = {event.subject_id for event in events if _is_uuid(event.subject_id)}
    customers: Any = apps.get_model(*CUSTOMERS)
    rows = customers.objects.for_user(user)
    found = rows.filter(pk__in=ids).values_list("pk", "name", "public_id")
    return {str(pk): (name, public_id) for pk, name, public_id in found}


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def customer_link(
    event: RecordedEvent, *, may_see: bool, named: tuple[str, str] | None = None
) -> SafeString:
    if not event.subject_id or not may_see:
        return NOTHING
    try:
        url = reverse(CUSTOMER_PAGE, args=[event.subject_id])
    except NoReverseMatch:
        return NOTHING
    if named is None:
        return format_html('<a class="v-a v-id" href="{}">Customer</a>', url)
    return format_html(
        '<a class="v-a" href="{}">{}</a> <span class="v-meta v-id">{}</span>',
        url, *named,
    )  # fmt: skip


def error_words(delivery: Delivery, *, may_see: bool) -> str:
    """A refusal may name the customer, and a library may quote what it was sent."""
    if not delivery.last_error or may_see:
        return delivery.last_error
    return "Not shown: it may name a customer."


def reading(rows: Any, user: Any) -> Any:
    """Let each row say what its reader may see; the admin is shared by all readers."""
    return rows.annotate(
        may_read=Value(user.has_perm(SEE_RESTRICTED)),
        may_see_customer=Value(user.has_perm(SEE_CUSTOMERS)),
    )


class RecordAdmin(HouseAdmin):
    """Read-only rows; they are their own history."""

    has_versions = False
    empty_value_display = "\N{EN DASH}"
    sortable_by = ()

    def page(
        self, request: HttpRequest, object_id: str, **context: Any
    ) -> HttpResponse:
        """Render one record; `facts_of` and `more_of` say what is on it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object_or_404(request, object_id)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        shared = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": str(row),
            "facts": self.facts_of(row),
            **self.more_of(request, row),
        }
        return TemplateResponse(request, "face/record.html", {**shared, **context})

    def facts_of(self, row: Any) -> list[tuple[str, Any]]:
        raise NotImplementedError

    def more_of(self, request: HttpRequest, row: Any) -> dict[str, Any]:  # noqa: ARG002
        return {}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:  # fmt: skip
        del form_url, extra_context
        return self.page(request, object_id)


def capped(rows: QuerySet[Any]) -> int:
    return rows.order_by()[:COUNT_NO_FURTHER].count()
