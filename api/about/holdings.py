"""Products in the bank's other systems: what they report, and what is known."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.asking import Asked, OneOf
from api.customers.base import CustomerView
from api.route import route
from customers.risk.choices import HoldingKind, HoldingStatus
from customers.risk.holdings.reporting import (
    REFERENCE,
    HoldingReport,
    Outcome,
    report_holding,
)
from customers.risk.models import Holding

EXAMPLE: dict[str, Any] = {
    "status": "open", "opened_on": "2026-02-01",
    "figures": {"outstanding": "1200.00", "principal": "2000.00", "currency": "USD",
                "days_past_due": 0},
    "reported_at": "2026-11-12T23:00:00Z",
}  # fmt: skip


PRODUCT = (
    OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=HoldingKind.values),
    OpenApiParameter(
        "reference", str, OpenApiParameter.PATH, pattern=f"^{REFERENCE.pattern}$"
    ),
)


class HoldingSerializer(serializers.ModelSerializer[Holding]):
    class Meta:
        model = Holding
        fields = (
            "id", "kind", "reference", "status", "opened_on", "closed_on", "figures",
            "reported_at",
        )  # fmt: skip
        read_only_fields = fields


class ReportedSerializer(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(
        choices=[(each.value, each.value) for each in Outcome],
        help_text="`late`: something younger is known, and this changed nothing.",
    )
    holding = HoldingSerializer()


class ReportSerializer(Asked):
    status = OneOf(choices=HoldingStatus.choices)
    opened_on = serializers.DateField()
    closed_on = serializers.DateField(required=False, allow_null=True)
    figures = serializers.DictField(help_text="Amounts as text; keys by the kind.")
    reported_at = serializers.DateTimeField(help_text="By the reporting system.")


class Holdings(CustomerView):
    permissions = {"GET": "get_customer"}
    serializer_class = HoldingSerializer

    @route("list_holdings", HoldingSerializer(many=True), permission="api.get_customer")
    def get(self, _request: Request, customer_id: UUID) -> Response:
        """List a customer's products, the latest report first."""
        rows = Holding.objects.filter(customer=self.customer(customer_id))
        rows = rows.order_by("-reported_at", "-id")
        return Response(self.get_serializer(rows, many=True).data)


class OneHolding(CustomerView):
    permissions = {"PUT": "report_holding"}
    serializer_class = ReportedSerializer

    @route(
        "report_holding", {200: ReportedSerializer, 201: ReportedSerializer},
        asks=ReportSerializer, asked=PRODUCT,
        refuses=(404, 409, 413, 415, 422), example=EXAMPLE,
    )  # fmt: skip
    def put(
        self, request: Request, customer_id: UUID, kind: str, reference: str
    ) -> Response:
        """Report a product as it is now. The same report twice changes nothing.

        For registered programs with the role *Reporting system* alone. The youngest
        `reported_at` holds, in whatever order reports come.
        """
        customer = self.customer(customer_id)
        asked = ReportSerializer.of(request.data)
        report = HoldingReport(kind=kind, reference=reference, **asked)
        reported = report_holding(customer.pk, report, by=self.user)
        status = 201 if reported.outcome == Outcome.NEW else 200
        return Response(self.get_serializer(reported).data, status=status)
