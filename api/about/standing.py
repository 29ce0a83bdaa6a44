"""Where a customer stands: tier, completeness, consents, activity, what happened."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.answers.paging import KeysetPages
from api.asking import Asked, Words
from api.customers.base import CustomerView
from api.customers.serializers import (
    SEE_RESTRICTED,
    CompletenessSerializer,
    CustomerSerializer,
)
from api.route import route
from common.memory import one_page
from customers.registry.customer_page import timeline_of
from customers.registry.models import Consent
from customers.registry.profile.completeness import completeness
from customers.registry.services import record_activity
from customers.tiers.models import EvidenceKind
from customers.tiers.services import missing_for_next, tiers_of
from events.models import RecordedEvent

READ = "api.get_customer"


class NeedSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=EvidenceKind.choices)
    for_tier = serializers.IntegerField()


class TierSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    name = serializers.CharField()
    currency = serializers.CharField()
    max_balance = serializers.DecimalField(18, 3, allow_null=True)
    max_transaction = serializers.DecimalField(18, 3, allow_null=True)
    access = serializers.CharField()
    features = serializers.CharField()
    missing = NeedSerializer(many=True, help_text="For the next tier.")


class ConsentSerializer(serializers.ModelSerializer[Consent]):
    class Meta:
        model = Consent
        fields = ("id", "purpose", "text_version", "granted_at", "withdrawn_at")
        read_only_fields = fields


class HappeningSerializer(serializers.ModelSerializer[RecordedEvent]):
    at = serializers.DateTimeField(source="created_at")
    title = serializers.SerializerMethodField()
    detail = serializers.SerializerMethodField()
    is_trouble = serializers.SerializerMethodField()
    who = serializers.CharField(source="actor.__str__")
    reason = serializers.SerializerMethodField(help_text="null to who may not know.")

    class Meta:
        model = RecordedEvent
        fields = ("id", "at", "type", "title", "detail", "is_trouble", "who", "reason")
        read_only_fields = fields

    def get_title(self, row: RecordedEvent) -> str:
        event = row.as_event()
        return event.words()[0] if event else row.type

    def get_detail(self, row: RecordedEvent) -> str:
        event = row.as_event()
        return event.words()[1] if event else ""

    def get_is_trouble(self, row: RecordedEvent) -> bool:
        event = row.as_event()
        return bool(event and event.is_trouble)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_reason(self, row: RecordedEvent) -> str | None:
        may_know = self.context["request"].user.has_perm(SEE_RESTRICTED)
        return row.reason if may_know else None


class ActivitySerializer(Asked):
    reason = Words(max_length=200)


class Tier(CustomerView):
    permissions = {"GET": "get_customer"}
    serializer_class = TierSerializer

    @route("get_tier", TierSerializer, permission=READ)
    def get(self, _request: Request, customer_id: UUID) -> Response:
        """Say the tier, what it allows, and what the next one is missing."""
        customer = self.customer(customer_id)
        with one_page():
            tier = tiers_of(customer.tenant)[customer.tier]
            needs = [
                {"kind": kind, "for_tier": number}
                for kind, number in missing_for_next(customer)
            ]
        said = {
            "currency": customer.tenant.currency, "missing": needs,
            **{name: getattr(tier, name) for name in (
                "number", "name", "max_balance", "max_transaction", "access",
                "features",
            )},
        }  # fmt: skip
        return Response(self.get_serializer(said).data)


class OfCompleteness(CustomerView):
    permissions = {"GET": "get_customer"}
    serializer_class = CompletenessSerializer

    @route("get_completeness", CompletenessSerializer, permission=READ)
    def get(self, _request: Request, customer_id: UUID) -> Response:
        """Say how much of what is asked for is on file, and what is not."""
        filled = completeness(self.customer(customer_id))
        return Response(self.get_serializer(filled).data)


class Consents(CustomerView):
    permissions = {"GET": "get_customer"}
    serializer_class = ConsentSerializer

    @route("list_consents", ConsentSerializer(many=True), permission=READ)
    def get(self, _request: Request, customer_id: UUID) -> Response:
        """List what the customer agreed to, the newest first."""
        rows = Consent.objects.filter(customer=self.customer(customer_id))
        rows = rows.order_by("-granted_at", "-id")
        return Response(self.get_serializer(rows, many=True).data)


class Activity(CustomerView):
    permissions = {"POST": "registry.record_activity"}
    serializer_class = CustomerSerializer

    @route(
        "record_activity", CustomerSerializer, asks=ActivitySerializer,
        refuses=(404, 409, 413, 415, 422), permission="registry.record_activity",
        example={"reason": "Visited the branch"},
    )  # fmt: skip
    def post(self, request: Request, customer_id: UUID) -> Response:
        """Count today as activity; an inactive customer becomes active.

        403 FORBIDDEN where the customer is suspended for dormancy and the caller may
        not reinstate customers.
        """
        customer = self.customer(customer_id)
        reason = ActivitySerializer.of(request.data)["reason"]
        record_activity(customer.pk, by=self.user, reason=reason)
        return Response(self.get_serializer(self.customer(customer_id)).data)


class Timeline(CustomerView):
    permissions = {"GET": "get_customer"}
    pagination_class = KeysetPages
    serializer_class = HappeningSerializer

    @route("get_timeline", HappeningSerializer(many=True), permission=READ)
    def get(self, _request: Request, customer_id: UUID) -> Response:
        """List what happened, the newest first; restricted facts to who may know."""
        rows = timeline_of(self.customer(customer_id), self.user)
        return self.page_of(rows)  # type: ignore[no-any-return]
