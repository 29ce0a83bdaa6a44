"""Products reported by other systems: the list, and each as it stands."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from common.face import day, label_html, moment, two_lines
from common.lists.columns import Cells
from customers.registry.search.listing import OF_CUSTOMER, AboutCustomers
from customers.risk.holdings.labels import figure_words, holding_words, status_label
from customers.risk.holdings.panel import term_words
from customers.risk.models import Holding
from tenants.admin import VersionedAdmin


@admin.register(Holding)
class HoldingAdmin(AboutCustomers, VersionedAdmin):
    """Pages show; the systems that report are the only ones who change anything."""

    history_permission = "registry.view_history"
    list_display = ("product", "of_customer", "state", "figures_said", "as_of")
    export_permission = "exports.request_export"
    export_cells: ClassVar[Cells] = {
        "product": (("Kind", "get_kind_display"), ("Reference", "reference"),
                    ("Opened", "opened_on"), ("Closed", "closed_on")),
        "of_customer": OF_CUSTOMER,
        "state": (("Status", "get_status_display"),),
        "figures_said": (("Figures", holding_words),),
        "as_of": (("As of", "reported_at"),),
    }  # fmt: skip
    list_filter = ("kind", "status")
    search_help_text = "Reference, or customer: name, number, e-mail or phone"
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

    def found_besides(self, request: HttpRequest) -> Callable[[str], Q]:  # noqa: ARG002
        return lambda text: Q(reference=text)

    @admin.display(description="Product")
    def product(self, row: Holding) -> SafeString:
        return two_lines(str(row), term_words(row))

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
    def show(self, request: HttpRequest, row: Holding) -> HttpResponse:
        versions = {"verb": "Versions", "url": self._versions_url(row)}
        may = request.user.has_perm(self.history_permission)
        links = [versions] if may else []
        return self.record(request, row, facts=self._facts(row), links=links)

    def _facts(self, row: Holding) -> list[tuple[str, Any]]:
        return [
            ("Customer", self.customer_link(row)),
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
