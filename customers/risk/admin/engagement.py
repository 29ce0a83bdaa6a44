"""Who uses the bank how much: customers by score and segment."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString

from common.admin import HouseAdmin
from common.face import day, label_html, two_lines
from common.lists.columns import Cells
from customers.registry.search.listing import OF_CUSTOMER, AboutCustomers
from customers.risk.models import Engagement
from customers.risk.segments.labels import balance_words, part_words, segment_label


def _counted(key: str) -> Callable[[Engagement], Any]:
    return lambda row: row.components[key]


@admin.register(Engagement)
class EngagementAdmin(AboutCustomers, HouseAdmin):
    """Records without versions; a row leads to the customer."""

    has_versions = False
    list_display = ("of_customer", "segmented", "points", "parts", "balance", "since")
    export_permission = "exports.request_export"
    export_cells: ClassVar[Cells] = {
        "of_customer": OF_CUSTOMER,
        "segmented": (("Segment", "get_segment_display"),),
        "points": (("Score of 100", "score"),),
        "parts": (("Last activity", _counted("last_on")),
                  ("Operations", _counted("operations")),
                  ("Open products", _counted("products"))),
        "balance": (("Balance", _counted("balance")), ("Currency", "tenant.currency")),
        "since": (("Since", "computed_on"),),
    }  # fmt: skip
    list_filter = ("segment",)
    ordering = ("-score", "-id")
    sortable_by = ()  # by score is what an index serves
    empty_value_display = "\N{EN DASH}"
    empty_fact = "Nobody’s engagement is worked out yet."
    empty_advice = "Each night after 03:00 it is, for every verified customer."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("customer", "tenant")

    @admin.display(description="Segment")
    def segmented(self, row: Engagement) -> SafeString:
        return label_html(segment_label(row.segment))

    @admin.display(description="Score")
    def points(self, row: Engagement) -> str:
        return f"{row.score} of 100"

    @admin.display(description="Use")
    def parts(self, row: Engagement) -> SafeString:
        (last, _), *others = part_words(row, row.tenant.today)
        return two_lines(last, ", ".join(words for words, _ in others))

    @admin.display(description="Balance")
    def balance(self, row: Engagement) -> str:
        return balance_words(row, row.tenant.currency)

    @admin.display(description="Since")
    def since(self, row: Engagement) -> str:
        return day(row.computed_on)

    def show(self, request: HttpRequest, row: Engagement) -> HttpResponse:  # noqa: ARG002
        """Lead to the customer, whose page says how the score comes about."""
        url = reverse("admin:registry_customer_change", args=[row.customer_id])
        return HttpResponseRedirect(url)
