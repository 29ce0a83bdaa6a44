"""Everything that happened to one customer, newest first, fifty at a time."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse

from customers.registry.board import TimelineDeed, deed_of
from customers.registry.customer_page import timeline_of
from customers.registry.models import Customer
from events.models import RecordedEvent

DEEDS_PER_PAGE = 50


def show(admin: Any, request: HttpRequest, customer: Customer) -> HttpResponse:
    records = timeline_of(customer, request.user)  # type: ignore[arg-type]
    page = Paginator(records, DEEDS_PER_PAGE).get_page(request.GET.get("page"))
    # Reasons are words of compliance; the front line reads the closed lists only.
    may_read_why = request.user.has_perm("registry.view_task")
    answer: HttpResponse = admin.page(
        request, "registry/customer/timeline.html", customer,
        crumb="What happened",
        title=f"What happened to {customer.name}",
        deeds=[
            (deed, _why(record, deed) if may_read_why else "")
            for record in page
            for deed in [deed_of(record)]
        ],
        page_obj=page,
        back_url=admin.url_of(customer),
    )  # fmt: skip
    return answer


def _why(record: RecordedEvent, deed: TimelineDeed) -> str:
    """The reason, unless the deed says it already."""
    words = str(record.reason).replace("_", " ")
    return "" if words == deed.detail else words
