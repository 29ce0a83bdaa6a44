"""Callbacks as they came: list and page, read-only; the desk hangs on this admin."""

import json
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from common.admin import CappedPaginator
from common.dialogs import Dialog, ask, require
from common.face import label_html, moment, two_lines
from kyc.admin.attempts import REFETCH, back_to
from kyc.admin.cases import case_urls
from kyc.admin.desk import desk_page
from kyc.admin.differences import decide_differences
from kyc.cases.commands import finish_case
from kyc.inquiry import refetch_callback
from kyc.labels import callback_label, sent_words, short_id, why_it_waits
from kyc.models import Callback
from kyc.services import replay_callback

REPLAY = Dialog(
    title="Replay",
    submit="Replay",
    description="What Sumsub sent is applied again from its stored bytes.",
)
REPLAYED = "The callback is being applied; if it does not fit it comes back here."


@admin.register(Callback)
class CallbackAdmin(ModelAdmin):  # type: ignore[misc]
    """Written by Sumsub alone; a callback has no versions, it never changes."""

    list_display = ("sent", "state", "applicant", "customer_name", "came_at")
    list_filter = ("status", "type", "reason")
    list_select_related = ("customer",)
    list_per_page = 50
    list_fullwidth = True
    show_full_result_count = False
    paginator = CappedPaginator
    actions_detail_hide_default = True
    search_fields = ("applicant_id",)
    search_help_text = "Applicant id"
    ordering = ("-received_at", "-id")
    sortable_by = ("came_at",)
    empty_value_display = "\N{EN DASH}"
    empty_fact = "No callback yet."
    empty_advice = "Sumsub posts here once an applicant opens a link."
    fields = (
        "sent", "state", "why", "note", "customer_name", "applicant_id",
        "external_user_id", "level_name", "review_status", "review_answer",
        "correlation_id", "sent_at_text", "came_at", "settled_at", "body_sha256",
        "body_text",
    )  # fmt: skip
    readonly_fields = fields

    # --- who may ---------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = Callback.objects.for_user(request.user)
        return rows.select_related("customer").order_by(*self.ordering)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return bool(request.user.has_perm("kyc.view_callback"))

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        return {}

    def _get_obj_does_not_exist_redirect(self, *_: Any) -> HttpResponse:
        """Django would lead home with a message that repeats the id."""
        raise Http404

    def history_view(self, *_: Any, **__: Any) -> HttpResponse:
        raise Http404

    # --- pages -----------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("desk/", view(self.desk), name="kyc_desk"),
            path(
                "differences/<uuid:customer_id>/", view(decide_differences),
                name="kyc_differences",
            ),
            path(
                "<uuid:callback_id>/re-fetch/", view(self.refetch),
                name="kyc_callback_refetch",
            ),
            path(
                "<uuid:callback_id>/replay/", view(self.replay),
                name="kyc_callback_replay",
            ),
        ]  # fmt: skip
        return [*own, *case_urls(view), *super().get_urls()]

    def desk(self, request: HttpRequest) -> HttpResponse:
        return desk_page(request, self.admin_site)

    def refetch(self, request: HttpRequest, callback_id: UUID) -> HttpResponse:
        def act(_form: Any) -> str:
            said = refetch_callback(callback_id, by=request.user)  # type: ignore[arg-type]
            finish_case(callback_id, by=request.user)  # type: ignore[arg-type]
            messages.success(request, said)
            return back_to(request, reverse("admin:kyc_desk"))

        return self._resolve(request, REFETCH, callback_id, act)

    def replay(self, request: HttpRequest, callback_id: UUID) -> HttpResponse:
        def act(_form: Any) -> str:
            replay_callback(callback_id, by=request.user)  # type: ignore[arg-type]
            finish_case(callback_id, by=request.user)  # type: ignore[arg-type]
            messages.success(request, REPLAYED)
            return back_to(request, reverse("admin:kyc_desk"))

        return self._resolve(request, REPLAY, callback_id, act)

    def _resolve(
        self, request: HttpRequest, dialog: Dialog, callback_id: UUID, act: Any
    ) -> HttpResponse:
        require(request, "kyc.resolve_callback")
        if not self.get_queryset(request).filter(pk=callback_id).exists():
            raise Http404
        return ask(request, dialog, object_id=str(callback_id), act=act)

    # --- columns ---------------------------------------------------------------
    @admin.display(description="What Sumsub sent")
    def sent(self, row: Callback) -> SafeString:
        return two_lines(sent_words(row), why_it_waits(row) if row.reason else "")

    @admin.display(description="State")
    def state(self, row: Callback) -> SafeString:
        return label_html(callback_label(row))

    @admin.display(description="Why it waits")
    def why(self, row: Callback) -> str:
        return why_it_waits(row) if row.reason else ""

    @admin.display(description="Applicant")
    def applicant(self, row: Callback) -> SafeString | None:
        if not row.applicant_id:
            return None
        shown = short_id(row.applicant_id)
        return format_html(
            '<span class="v-mono" title="{}">{}</span>', row.applicant_id, shown
        )

    @admin.display(description="Customer")
    def customer_name(self, row: Callback) -> SafeString | None:
        if row.customer is None:
            return None
        return two_lines(row.customer.name, row.customer.public_id)

    @admin.display(description="Received", ordering="received_at")
    def came_at(self, row: Callback) -> str:
        return moment(row.received_at)

    @admin.display(description="Body")
    def body_text(self, row: Callback) -> SafeString:
        return format_html('<pre class="v-mono v-body">{}</pre>', readable(row.body))


def readable(body: bytes) -> str:
    """Lay a body out as text; what is no JSON is shown as it came."""
    text = (
        bytes(body)
        .decode("utf-8", errors="replace")
        .replace("\x00", "\N{SYMBOL FOR NULL}")
    )
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
