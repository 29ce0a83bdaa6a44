"""Who uses the bank how much: customers by score and segment."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.urls import reverse
from django.utils.safestring import SafeString

from common.admin import HouseAdmin
from common.face import day, label_html, two_lines
from customers.registry.search.listing import about_found
from customers.risk.models import Engagement
from customers.risk.segments.labels import balance_words, part_words, segment_label


@admin.register(Engagement)
class EngagementAdmin(HouseAdmin):
    """Records without versions; a row leads to the customer."""

    list_display = ("of_customer", "segmented", "points", "parts", "balance", "since")
    list_filter = ("segment",)
    search_fields = ("customer__name",)  # found_by decides
    search_help_text = "Customer: name, public id, e-mail or phone"
    ordering = ("-score", "-id")
    sortable_by = ()  # by score is what an index serves
    empty_value_display = "\N{EN DASH}"
    empty_fact = "Nobody’s engagement is worked out yet."
    empty_advice = "Each night after 03:00 it is, for every verified customer."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("customer", "tenant")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return about_found(queryset, search_term, request.user), False

    @admin.display(description="Customer")
    def of_customer(self, row: Engagement) -> SafeString:
        return two_lines(row.customer.name, row.customer.public_id)

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

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:  # fmt: skip
        """Lead to the customer, whose page says how the score comes about."""
        del form_url, extra_context
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object_or_404(request, object_id)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        url = reverse("admin:registry_customer_change", args=[row.customer_id])
        return HttpResponseRedirect(url)

    def history_view(self, *_: Any, **__: Any) -> HttpResponse:
        raise Http404

    def history_form_view(self, *_: Any, **__: Any) -> HttpResponse:
        raise Http404
