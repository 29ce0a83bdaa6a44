"""Products reported by other systems: the list, and each as it stands."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common.face import day, label_html, moment, two_lines
from customers.risk.holdings.labels import figure_words, holding_words, status_label
from customers.risk.holdings.panel import term_words
from customers.risk.models import Holding
from tenants.admin import VersionedAdmin

LONGEST_SEARCH = 200  # characters, as long as a name


@admin.register(Holding)
class HoldingAdmin(VersionedAdmin):
    """Pages show; the systems that report are the only ones who change anything."""

    history_permission = "registry.view_history"
    list_display = ("product", "of_customer", "state", "figures_said", "as_of")
    list_filter = ("kind", "status")
    search_fields = ("reference",)  # found_by decides
    search_help_text = "Reference, or customer: name, public id, e-mail or phone"
    ordering = ("-reported_at", "-id")
    sortable_by = ()  # the newest first is what an index serves
    empty_value_display = "\N{EN DASH}"
    empty_fact = "No products yet."
    empty_advice = (
        "The bank’s other systems report loans, wallets, cards and campaigns."
    )

    # --- the list --------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("customer", "tenant")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term[:LONGEST_SEARCH].strip()
        if not term:
            return queryset, False
        rows: Any = queryset
        tenant_id = getattr(request.user, "tenant_id", None)
        return rows.found_by(term, tenant_id=tenant_id), False

    @admin.display(description="Product")
    def product(self, row: Holding) -> SafeString:
        return two_lines(str(row), term_words(row))

    @admin.display(description="Customer")
    def of_customer(self, row: Holding) -> SafeString:
        return two_lines(row.customer.name, row.customer.public_id)

    @admin.display(description="Status")
    def state(self, row: Holding) -> SafeString:
        return label_html(status_label(row.status))

    @admin.display(description="Figures")
    def figures_said(self, row: Holding) -> str:
        return holding_words(row)

    @admin.display(description="As of")
    def as_of(self, row: Holding) -> str:
        return moment(row.reported_at)

    # --- one product -------------------------------------------------------------
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:  # fmt: skip
        del form_url, extra_context
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object_or_404(request, object_id)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        versions = {"verb": "Versions", "url": self._versions_url(row)}
        may = request.user.has_perm(self.history_permission)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": str(row),
            "facts": self._facts(row),
            "links": [versions] if may else [],
        }
        return TemplateResponse(request, "face/record.html", context)

    def _facts(self, row: Holding) -> list[tuple[str, Any]]:
        url = reverse("admin:registry_customer_change", args=[row.customer_id])
        about = format_html('<a class="v-a" href="{}">{}</a>', url, row.customer.name)
        return [
            ("Customer", about),
            ("Kind", row.get_kind_display()),
            ("Reference", row.reference),
            ("Status", self.state(row)),
            ("Opened", day(row.opened_on)),
            ("Closed", day(row.closed_on) if row.closed_on else ""),
            ("Figures", holding_words(row)),
            ("As of", moment(row.reported_at)),
        ]

    def facts_of(self, version: Any) -> Iterator[tuple[str, str]]:
        """The figures as a line; the base would print them key by key."""
        keys = {str(key).replace("_", " ").capitalize() for key in version.figures}
        yield from (fact for fact in super().facts_of(version) if fact[0] not in keys)
        yield "Figures", figure_words(version.kind, version.figures)
