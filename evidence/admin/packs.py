"""Evidence packs: the list, a page for each with its progress, and the dialog."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.safestring import SafeString

from common.dialogs import require
from common.face import label_html, moment, two_lines
from customers.registry.models import Customer
from documents.making.labels import status_label
from evidence.admin.asking import ask_for_pack
from evidence.admin.taking import take_pack
from evidence.models import EvidencePack
from evidence.summary import size_words
from tenants.admin import VersionedAdmin

SEE = "evidence.view_evidencepack"
# A page left open must not keep a session alive for ever.
WATCHED_FOR = timedelta(minutes=30)
DOWNLOADS_SHOWN = 50
PackView = Callable[[HttpRequest, EvidencePack], HttpResponseBase]


@admin.register(EvidencePack)
class EvidencePackAdmin(VersionedAdmin):
    """Who sees these knows that somebody examines a customer: compliance and above."""

    history_permission = "registry.view_history"
    list_display = ("about", "state", "why", "asked", "ends")
    list_filter = ("status",)
    list_select_related = ("customer", "requested_by")
    search_fields = ("customer__public_id",)
    search_help_text = "The customer’s public id"
    sortable_by = ()
    ordering = ("-requested_at", "-id")
    empty_value_display = "\N{EN DASH}"
    empty_fact = "No evidence pack yet."
    empty_advice = "Ask for one on the page of a customer."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.select_related("customer", "requested_by", "tenant")

    @admin.display(description="Customer")
    def about(self, pack: EvidencePack) -> SafeString:
        return two_lines(pack.customer.name, pack.customer.public_id)

    @admin.display(description="Status")
    def state(self, pack: EvidencePack) -> SafeString:
        return label_html(status_label(pack))

    @admin.display(description="Why")
    def why(self, pack: EvidencePack) -> str:
        return pack.reason

    @admin.display(description="Asked for")
    def asked(self, pack: EvidencePack) -> SafeString:
        return two_lines(moment(pack.requested_at), pack.requested_by)

    @admin.display(description="Ends")
    def ends(self, pack: EvidencePack) -> str | None:
        return moment(pack.expires_at) if pack.expires_at else None

    # --- addresses ---------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("ask/<uuid:customer_id>/", view(self.ask), name="evidence_request"),
            path(
                "<uuid:pack_id>/progress/",
                view(partial(self._about_pack, self.show_progress)),
                name="evidence_evidencepack_progress",
            ),
            path(
                "<uuid:pack_id>/download/",
                view(partial(self._about_pack, take_pack)),
                name="evidence_evidencepack_download",
            ),
        ]
        return [*own, *super().get_urls()]

    def _about_pack(
        self, view: PackView, request: HttpRequest, pack_id: UUID
    ) -> HttpResponseBase:
        """Check the permission (403), then the institution (404), then the method."""
        require(request, SEE)
        pack = self.get_object_or_404(request, str(pack_id))
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        answer = view(request, pack)
        patch_cache_control(answer, no_store=True, private=True)
        return answer

    def ask(self, request: HttpRequest, customer_id: UUID) -> HttpResponse:
        require(request, "evidence.request_pack")
        rows = Customer.objects.for_user(request.user)
        return ask_for_pack(request, rows, customer_id)

    # --- one pack ----------------------------------------------------------------
    def show(self, request: HttpRequest, row: EvidencePack) -> HttpResponse:
        answer = self.record(
            request, row,
            template="evidence/pack.html",
            title="Evidence pack",
            facts=self._pack_facts(row),
            links=self._links(request, row),
            deeds=_deeds(row),
            panels=[_downloads(row)] if row.ready_at else [],
            **progress_of(row),
        )  # fmt: skip
        patch_cache_control(answer, no_store=True, private=True)
        return answer

    def _links(self, request: HttpRequest, pack: EvidencePack) -> list[dict[str, str]]:
        page = reverse("admin:registry_customer_change", args=[pack.customer_id])
        links = [{"verb": "Customer", "url": page}]
        if request.user.has_perm(self.history_permission):
            links.append({"verb": "Versions", "url": self._versions_url(pack)})
        return links

    def _pack_facts(self, pack: EvidencePack) -> list[tuple[str, Any]]:
        facts: list[tuple[str, Any]] = [
            ("Customer", str(pack.customer)),
            ("Why", pack.reason),
            ("Asked for by", str(pack.requested_by)),
            ("Asked for", moment(pack.requested_at)),
        ]
        if not pack.is_open:  # till then the progress above says it, and moves on
            facts.insert(1, ("Status", label_html(status_label(pack))))
        if pack.ready_at and pack.expires_at:
            facts += [
                ("Ready", moment(pack.ready_at)),
                ("Link ends", moment(pack.expires_at)),
                ("Size", size_words(pack.size)),
                ("SHA-256 of the ZIP", pack.sha256),
            ]
        if pack.error:
            facts.append(("What went wrong", pack.error))
        return facts

    def show_progress(self, request: HttpRequest, pack: EvidencePack) -> HttpResponse:
        """Answer the page that asks every two seconds how far it is."""
        answer = render(request, "face/_progress.html", progress_of(pack))
        if not pack.is_open:
            answer["HX-Refresh"] = "true"  # the page has a button now, or says why not
        return answer


def progress_of(pack: EvidencePack) -> dict[str, Any]:
    name = "admin:evidence_evidencepack_progress"
    is_watched = timezone.now() - pack.requested_at < WATCHED_FOR
    return {
        "made": pack,
        "progress_url": reverse(name, args=[pack.pk]) if is_watched else "",
    }


def _deeds(pack: EvidencePack) -> list[dict[str, str]]:
    if not pack.is_downloadable(timezone.now()):
        return []
    url = reverse("admin:evidence_evidencepack_download", args=[pack.pk])
    return [{"verb": "Download", "url": url}]


def _downloads(pack: EvidencePack) -> dict[str, Any]:
    rows = pack.downloads.select_related("by").order_by("-at", "-id")
    return {
        "title": "Downloads",
        "rows": [
            {"title": str(each.by), "note": moment(each.at)}
            for each in rows[:DOWNLOADS_SHOWN]
        ],
        "empty_fact": "Nobody has downloaded it.",
    }
