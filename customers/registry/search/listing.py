"""Lists of rows about customers: whose each is, and the search by whom it is about."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common.face import two_lines
from common.lists.columns import Cell
from common.text import clean
from customers.registry.models import Customer

LONGEST_SEARCH = 200  # characters, as long as a name; more is no search
# What a file says of whom a row is about.
OF_CUSTOMER: tuple[Cell, ...] = (
    ("Customer", "customer.name"), ("Customer number", "customer.public_id"),
)  # fmt: skip


def about_found(
    rows: QuerySet[Any], text: str, by: Any,
    besides: Callable[[str], Q] | None = None,
) -> QuerySet[Any]:  # fmt: skip
    """Those of `rows` whose customer `by` finds by the text; all without a text.

    `besides` may name others, by the text without what nobody sees in it.
    """
    text = clean(text)[:LONGEST_SEARCH]
    if not text:
        return rows
    found = Customer.objects.for_user(by).found_by(text, by=by)
    wanted = Q(customer__in=found.order_by().values("pk"))
    return rows.filter(wanted | besides(text) if besides else wanted)


class AboutCustomers:
    """A list of rows that each have a `customer`."""

    search_fields: ClassVar[tuple[str, ...]] = ("customer__name",)  # found_by decides
    search_help_text = "Customer: name, number, e-mail or phone"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found = about_found(
            queryset, search_term, request.user, self.found_besides(request)
        )
        return found, False

    def found_besides(self, request: HttpRequest) -> Callable[[str], Q] | None:  # noqa: ARG002
        """What finds rows otherwise than by their customer, for this person."""
        return None

    @admin.display(description="Customer")
    def of_customer(self, row: Any) -> SafeString:
        return two_lines(row.customer.name, row.customer.public_id)

    @admin.display(description="Customer")
    def customer_link(self, row: Any) -> SafeString:
        url = reverse("admin:registry_customer_change", args=[row.customer_id])
        return format_html('<a class="v-a" href="{}">{}</a>', url, row.customer)
