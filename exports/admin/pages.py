"""Exports: the list, a page for each with its progress, and the dialogs."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.safestring import SafeString

from common.dialogs import Dialog, ask, require
from common.face import label_html, moment, two_lines
from common.lists.columns import COLUMNS_VAR, caption_of
from documents.making.labels import status_label
from exports.admin.asking import ask_for_export, export_url
from exports.admin.taking import take_export
from exports.lists import OF_A_PAGE, admin_of
from exports.models import Export
from exports.services import cancel_export, retry_export
from tenants.admin import VersionedAdmin

SEE, ASK = "exports.view_export", "exports.request_export"
# A page left open must not keep a session alive for ever.
WATCHED_FOR = timedelta(minutes=30)
DOWNLOADS_SHOWN = 50
CANCEL = Dialog(
    title="Cancel this export?",
    description="What was written so far is thrown away.",
    submit="Cancel the export",
)
AGAIN = Dialog(
    title="Try again?",
    description="The list is read anew, as you may see it now.",
    submit="Try again",
)
ExportView = Callable[[HttpRequest, Export], HttpResponseBase]


@admin.register(Export)
class ExportAdmin(VersionedAdmin):
    """One's own; who audits sees all, and takes none."""

    history_permission = "registry.view_history"
    list_display = ("what", "state", "rows", "why", "asked", "ends")
    list_filter = ("status", "list_key")
    list_select_related = ("requested_by",)
    search_fields = ("reason",)
    search_help_text = "Words of the reason"
    sortable_by = ()
    ordering = ("-requested_at", "-id")
    empty_value_display = "\N{EN DASH}"
    empty_fact = "No exports yet."
    empty_advice = "Press “Export list” above a list, for example of customers."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = Export.objects.for_reader(request.user).select_related("requested_by")
        return self.in_order(request, rows)

    @admin.display(description="List")
    def what(self, export: Export) -> str:
        return export.list_name.capitalize()

    @admin.display(description="Status")
    def state(self, export: Export) -> SafeString:
        return label_html(status_label(export))

    @admin.display(description="Rows")
    def rows(self, export: Export) -> str | None:
        return f"{export.rows_done:,}" if export.ready_at else None

    @admin.display(description="Why")
    def why(self, export: Export) -> str:
        return export.reason

    @admin.display(description="Asked for")
    def asked(self, export: Export) -> SafeString:
        return two_lines(moment(export.requested_at), export.requested_by)

    @admin.display(description="Ends")
    def ends(self, export: Export) -> str | None:
        return moment(export.expires_at) if export.expires_at else None

    # --- addresses ---------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        about: tuple[tuple[str, str, tuple[str, ...], ExportView], ...] = (
            ("progress", SEE, ("GET",), show_progress),
            ("download", ASK, ("GET",), take_export),
            ("cancel", ASK, ("GET", "POST"), ask_to_cancel),
            ("again", ASK, ("GET", "POST"), ask_again),
        )
        own = [
            path(
                f"<uuid:export_id>/{name}/",
                view(partial(self._about, shown, permission, methods)),
                name=f"exports_export_{name}",
            )
            for name, permission, methods, shown in about
        ]
        asking = path("ask/", view(self.ask), name="exports_export_ask")
        return [asking, *own, *super().get_urls()]

    def _about(
        self, view: ExportView, permission: str, methods: tuple[str, ...],
        request: HttpRequest, export_id: UUID,
    ) -> HttpResponseBase:  # fmt: skip
        """Check the permission (403), then whose it is (404), then the method."""
        require(request, permission)
        export = self.get_object_or_404(request, str(export_id))
        if request.method not in methods:
            return HttpResponseNotAllowed(methods)
        answer = view(request, export)
        patch_cache_control(answer, no_store=True, private=True)
        return answer

    def ask(self, request: HttpRequest) -> HttpResponse:
        require(request, ASK)
        return ask_for_export(request)

    # --- one export --------------------------------------------------------------
    def show(self, request: HttpRequest, row: Export) -> HttpResponse:
        answer = self.record(
            request, row,
            template="exports/export.html",
            title=str(row).capitalize(),
            facts=facts_of(row),
            links=self._links(request, row),
            deeds=deeds_of(request, row),
            panels=[_downloads(row)] if row.ready_at else [],
            **progress_of(row),
        )  # fmt: skip
        patch_cache_control(answer, no_store=True, private=True)
        return answer

    def _links(self, request: HttpRequest, export: Export) -> list[dict[str, str]]:
        if not request.user.has_perm(self.history_permission):
            return []
        return [{"verb": "Versions", "url": self._versions_url(export)}]


def facts_of(export: Export) -> list[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = [
        ("List", export.list_name.capitalize()),
        ("Search and filters", filter_words(export.querystring)),
        ("Columns", column_words(export)),
        ("Why", export.reason),
        ("Asked for by", str(export.requested_by)),
        ("Asked for", moment(export.requested_at)),
    ]
    if not export.is_open:  # till then the progress above says it, and moves on
        facts.insert(1, ("Status", label_html(status_label(export))))
    if export.ready_at and export.expires_at:
        facts += [
            ("Rows", f"{export.rows_done:,}"),
            ("Ready", moment(export.ready_at)),
            ("Link ends", moment(export.expires_at)),
            ("Size", filesizeformat(export.size)),
            ("SHA-256 of the file", export.sha256),
        ]
    if export.error:
        facts.append(("What went wrong", export.error))
    return facts


def filter_words(querystring: str) -> str:
    """Write `kyc_status__exact=verified` as “kyc status: verified”."""
    said = [
        f"{'search' if name == 'q' else name.partition('__')[0]}: {value}"
        for name, value in parse_qsl(querystring)
        if name not in (COLUMNS_VAR, "o", *OF_A_PAGE)
    ]
    return "; ".join(said).replace("_", " ") or "None"


def column_words(export: Export) -> str:
    model_admin: Any = admin_of(export.list_key)
    known = [name for name in export.columns if name in model_admin.export_cells]
    return ", ".join(caption_of(model_admin, name) for name in known)


def deeds_of(request: HttpRequest, export: Export) -> list[dict[str, Any]]:
    """One deed at most, by where it stands; only who asked does anything."""
    if export.requested_by_id != request.user.pk or not request.user.has_perm(ASK):
        return []

    def at(name: str) -> str:
        return reverse(f"admin:exports_export_{name}", args=[export.pk])

    if export.is_downloadable(timezone.now()):
        return [{"verb": "Download", "url": at("download")}]
    if export.is_open:
        return [{"verb": "Cancel", "url": at("cancel"), "is_dialog": True}]
    if export.status == Export.Status.FAILED:
        return [{"verb": "Try again", "url": at("again"), "is_dialog": True}]
    return []


def progress_of(export: Export) -> dict[str, Any]:
    is_watched = timezone.now() - export.requested_at < WATCHED_FOR
    url = reverse("admin:exports_export_progress", args=[export.pk])
    return {"made": export, "progress_url": url if is_watched else ""}


def show_progress(request: HttpRequest, export: Export) -> HttpResponse:
    """Answer the page that asks every two seconds how far it is."""
    answer = render(request, "face/_progress.html", progress_of(export))
    if not export.is_open:
        answer["HX-Refresh"] = "true"  # the page has a button now, or says why not
    return answer


def ask_to_cancel(request: HttpRequest, export: Export) -> HttpResponse:
    by: Any = request.user

    def act(_: Any) -> str:
        cancel_export(export.pk, by=by)
        return export_url(export)

    return ask(request, CANCEL, object_id=export.pk, act=act, done="Cancelled.")


def ask_again(request: HttpRequest, export: Export) -> HttpResponse:
    by: Any = request.user

    def act(_: Any) -> str:
        retry_export(export.pk, by=by)
        return export_url(export)

    return ask(request, AGAIN, object_id=export.pk, act=act)


def _downloads(export: Export) -> dict[str, Any]:
    rows = export.downloads.select_related("by").order_by("-at", "-id")
    return {
        "title": "Downloads",
        "rows": [
            {"title": str(each.by), "note": f"{moment(each.at)}, {each.rows:,} rows"}
            for each in rows[:DOWNLOADS_SHOWN]
        ],
        "empty_fact": "Nobody has downloaded it.",
    }
