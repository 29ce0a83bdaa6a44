"""Subscribers: the list, a page for each, and the forms."""

from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, Value
from django.db.models.functions import Concat, Left, StrIndex
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from common.dialogs import require
from common.errors import DomainError
from common.face import two_lines
from subscribers.admin.deeds import (
    DEEDS,
    MANAGE,
    Deed,
    ask_to_rotate,
    keep_for_once,
    perform,
    show_once,
    url_of,
)
from subscribers.admin.forms import ChangeForm, SubscriberForm
from subscribers.admin.standing import attempts_panel, facts_of, lag_of, shape
from subscribers.models import Attempt, Subscriber
from subscribers.models.subscriber import masked
from subscribers.services import add_subscriber, change_subscriber
from tenants.admin import VersionedAdmin

SEE_RESTRICTED = "registry.view_task"


class TroubleFilter(admin.SimpleListFilter):
    title = "trouble"
    parameter_name = "state"

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return [("troubled", "Troubled")]

    def queryset(self, _request: HttpRequest, rows: Any) -> Any:
        return rows.troubled() if self.value() == "troubled" else rows


@admin.register(Subscriber)
class SubscriberAdmin(VersionedAdmin):
    list_display = ("subscriber", "state", "lag", "restricted")
    list_filter = (TroubleFilter, "status")
    # Not behind the “?”: who searches letter by letter would learn a key.
    search_fields = ("name", "place")
    search_help_text = "Name or address"
    ordering = ("name", "id")
    sortable_by = ()
    empty_value_display = "\N{EN DASH}"
    empty_fact = "No subscribers."
    empty_advice = "Add a system of the bank that is to be told what happens."
    add_verb = "Add"

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return request.user.has_perm(MANAGE)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("stand", "created_by")
        found: QuerySet[Any] = rows.annotate(place=_place_of_url())
        return found

    @admin.display(description="Subscriber")
    def subscriber(self, row: Subscriber) -> SafeString:
        return two_lines(row.name, row.shown_url)

    @admin.display(description="State")
    def state(self, row: Subscriber) -> SafeString:
        return shape(row)

    @admin.display(description="Lag")
    def lag(self, row: Subscriber) -> str:
        return lag_of(row)

    @admin.display(description="Restricted events")
    def restricted(self, row: Subscriber) -> str:
        return "Sent" if row.is_restricted else "Not sent"

    # --- addresses ---------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, "subscribers_subscriber"
        deeds = [
            path(
                f"<uuid:subscriber_id>/{deed.name}/",
                view(partial(self._do, deed)),
                name=f"{name}_{deed.name}",
            )
            for deed in DEEDS
        ]
        about = [
            path(f"<uuid:subscriber_id>/{page}/", view(shown), name=f"{name}_{page}")
            for page, shown in (
                ("edit", self.edit), ("rotate", self.rotate), ("secret", self.secret),
            )
        ]  # fmt: skip
        return [*deeds, *about, *super().get_urls()]

    def _about(self, request: HttpRequest, key: UUID, permission: str) -> Subscriber:
        require(request, permission)
        row: Subscriber = self.get_object_or_404(request, str(key))
        return row

    def _do(
        self, deed: Deed, request: HttpRequest, subscriber_id: UUID
    ) -> HttpResponse:
        return perform(
            request, deed, self._about(request, subscriber_id, deed.permission)
        )

    def rotate(self, request: HttpRequest, subscriber_id: UUID) -> HttpResponse:
        return ask_to_rotate(request, self._about(request, subscriber_id, MANAGE))

    def secret(self, request: HttpRequest, subscriber_id: UUID) -> HttpResponse:
        row = self._about(request, subscriber_id, MANAGE)
        return show_once(request, row, self._shared(request, row, "New secret"))

    # --- pages -------------------------------------------------------------------
    def _shared(
        self, request: HttpRequest, row: Subscriber | None, title: str
    ) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": title,
        }

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Ask who is told what; then show the secret, this once."""
        del form_url, extra_context
        by: Any = request.user
        if by.tenant is None or not self.has_add_permission(request):
            raise PermissionDenied
        form = SubscriberForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                row, secret = add_subscriber(
                    tenant=by.tenant, by=by, **form.cleaned_data
                )
            except DomainError as error:
                form.add_error(error.field or None, error.message)
            else:
                keep_for_once(request, row, secret)
                return HttpResponseRedirect(url_of(row, "secret"))
        request.crumb = "Add subscriber"  # type: ignore[attr-defined]
        context = self._shared(request, None, "Add subscriber")
        context |= {"form": form, "submit": "Add", "back_url": _list_url()}
        return TemplateResponse(request, "face/form.html", context)

    def edit(self, request: HttpRequest, subscriber_id: UUID) -> HttpResponse:
        row = self._about(request, subscriber_id, MANAGE)
        form = ChangeForm(request.POST or None, subscriber=row)
        if request.method == "POST" and form.is_valid():
            by: Any = request.user
            try:
                change_subscriber(row.pk, by=by, **form.cleaned_data)
            except DomainError as error:
                form.add_error(error.field or None, error.message)
            else:
                messages.success(request, "Saved.")
                return HttpResponseRedirect(url_of(row))
        context = self._shared(request, row, f"Change {row}")
        context |= {"form": form, "back_url": url_of(row)}
        return TemplateResponse(request, "face/form.html", context)

    def show(self, request: HttpRequest, row: Subscriber) -> HttpResponse:
        may_read = request.user.has_perm(SEE_RESTRICTED)
        return self.record(
            request, row, template="subscribers/subscriber.html",
            facts=facts_of(row),
            links=self._links(request, row),
            deeds=deeds_of(request, row),
            panels=[attempts_panel(Attempt.objects.of(row), may_read=may_read)],
        )  # fmt: skip

    # --- versions ------------------------------------------------------------------
    def set_history_delta_changes(
        self, request: HttpRequest, historical_records: Any, *args: Any, **kwargs: Any
    ) -> None:
        """Show addresses as pages do; that a key changed is said all the same."""
        super().set_history_delta_changes(request, historical_records, *args, **kwargs)
        for version in historical_records:
            for row in getattr(version, "history_delta_changes", ()):
                if row["field"] == "Address":
                    _mask_change(row)

    def facts_of(self, version: Any) -> Iterator[tuple[str, str]]:
        for name, text in super().facts_of(version):
            yield name, masked(text) if text == version.url else text

    def _links(self, request: HttpRequest, row: Subscriber) -> list[dict[str, str]]:
        links = [{"verb": "Versions", "url": self._versions_url(row)}]
        if request.user.has_perm("subscribers.view_message"):
            url = reverse("admin:subscribers_message_changelist")
            query = f"?subscriber__id__exact={row.pk}"
            links.append({"verb": "Messages", "url": url + query})
        if request.user.has_perm(MANAGE):
            links.append({"verb": "Change", "url": url_of(row, "edit")})
        return links


def deeds_of(request: HttpRequest, row: Subscriber) -> list[dict[str, Any]]:
    found = [
        {"verb": deed.verb, "url": url_of(row, deed.name), "is_dialog": True}
        for deed in DEEDS
        if request.user.has_perm(deed.permission) and deed.offered(row)
    ]
    if request.user.has_perm(MANAGE):
        rotate = {"verb": "New secret", "url": url_of(row, "rotate"), "is_dialog": True}
        found.append(rotate)
    return found


def _place_of_url() -> Left:
    """The address up to its “?”, by which it may be searched."""
    mark = Value("?")
    return Left("url", StrIndex(Concat("url", mark), mark) - 1)


def _mask_change(row: dict[str, Any]) -> None:
    old, new = masked(row["old"]), masked(row["new"])
    is_same = old == new  # what differs is not shown
    row["old"], row["new"] = old, f"{new} (another one)" if is_same else new


def _list_url() -> str:
    return reverse("admin:subscribers_subscriber_changelist")
