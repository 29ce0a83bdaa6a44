"""The list of customers as a CSV file, row by row."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request

from api.customers.base import CustomerView
from api.customers.finding import filtered
from api.customers.requests import CustomerFilters
from api.customers.serializers import ROW, CustomerRowSerializer
from api.events import CustomersDownloaded
from api.route import route
from common.lists.csv_cells import escaped
from customers.registry.models import Customer
from events.services import publish

CHUNK = 1000  # rows read at a time: memory stays flat


class JsonOrCsv(DefaultContentNegotiation):
    """Whoever accepts CSV alone gets refusals in JSON all the same."""

    def select_renderer(
        self, request: Any, renderers: Any, format_suffix: Any = None
    ) -> Any:
        try:
            return super().select_renderer(request, renderers, format_suffix)
        except NotAcceptable:
            if "text/csv" not in request.headers.get("Accept", ""):
                raise
            return renderers[0], renderers[0].media_type


class Download(CustomerView):
    permissions = {"GET": "download_customer"}
    serializer_class = CustomerRowSerializer
    content_negotiation_class = JsonOrCsv

    @route(
        "download_customer", {(200, "text/csv"): OpenApiTypes.STR},
        asked=[CustomerFilters], refuses=(422,),
    )  # fmt: skip
    def get(self, request: Request) -> StreamingHttpResponse:
        """Take the filtered list as CSV (UTF-8, RFC 4180), in the list's order.

        That it was taken is recorded before the first row leaves. A cell that a
        spreadsheet would run as a formula begins with an apostrophe.
        """
        asked = CustomerFilters.of_query(request)
        # First, as filters that cannot be read take nothing.
        rows = filtered(self.mine(Customer), asked, self.user)
        with transaction.atomic():
            event = CustomersDownloaded(filters=sorted(asked))
            publish(event, by=self.user, tenant_id=self.tenant.pk)
        lines = _lines(
            CustomerRowSerializer(context=self.get_serializer_context()),
            rows.defer("details", "telegram_id").iterator(chunk_size=CHUNK),
        )
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="customers.csv"'
        return answer


class _Echo:
    """Gives the writer's line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def _lines(said: CustomerRowSerializer, rows: Iterable[Customer]) -> Iterator[str]:
    writer: Any = csv.writer(_Echo())
    yield writer.writerow(ROW)
    for row in rows:
        cells = said.to_representation(row)
        yield writer.writerow([_cell(cells[name]) for name in ROW])


def _cell(value: Any) -> str:
    return "" if value is None else escaped(str(value))
