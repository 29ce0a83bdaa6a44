"""What the API says of customers, and to whom."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from customers.registry.choices import (
    DeclineReason,
    Status,
    SuspensionReason,
)
from customers.registry.models import Customer, DictionaryEntry

SEE_RESTRICTED = "registry.view_task"
SEE_NUMBERS = "api.edit_customer"  # who may write them may read them
# The front line reads the reasons of these lists alone (§12).
OPEN_REASONS = frozenset([*SuspensionReason.values, *DeclineReason.values])
ROW = (
    "id", "public_id", "customer_type", "entity_type", "name", "email", "phone",
    "category", "channel", "tier", "status", "status_reason", "kyc_status",
    "kyc_level", "activity", "registered_at", "verified_at", "kyc_expires_on",
    "last_activity_at", "row_version",
)  # fmt: skip
EXAMPLE: dict[str, Any] = {
    "id": "01930c5e-7f00-7a00-8000-5a1d2c3b4e5f", "public_id": "1000-0048",
    "customer_type": "INDIVIDUAL", "entity_type": "individual",
    "name": "Ama Mensah", "email": "ama@mail.example", "phone": "+233244123456",
    "category": "", "channel": "web", "tier": 2, "status": "active",
    "status_reason": "", "kyc_status": "verified", "kyc_level": "basic",
    "activity": "active", "registered_at": "2026-03-02T09:30:00Z",
    "verified_at": "2026-03-02T10:05:00Z", "kyc_expires_on": "2029-03-01",
    "last_activity_at": "2026-11-12T08:00:00Z", "row_version": 3,
}  # fmt: skip
FURTHER = {
    "details": {"birth_date": "1991-04-03", "id_number": "••••89-1"},
    "risk": None, "offboarded_at": None,
}  # fmt: skip


def masked(text: str) -> str:
    """The last four alone; of a short number less, or it would show most of it."""
    return f"••••{text[-4:] if len(text) >= 8 else text[-2:]}"


class AboutCustomer(serializers.ModelSerializer[Customer]):
    email = serializers.CharField(read_only=True, help_text="May be empty.")
    status_reason = serializers.SerializerMethodField(
        help_text="Why suspended or declined; other reasons only to who may know."
    )

    def get_status_reason(self, row: Customer) -> str:
        is_open = row.status != Status.OFFBOARDED and row.status_reason in OPEN_REASONS
        return row.status_reason if is_open or self._may(SEE_RESTRICTED) else ""

    def _may(self, permission: str) -> bool:
        return bool(self.context["request"].user.has_perm(permission))


@extend_schema_serializer(
    examples=[OpenApiExample("A row", value=EXAMPLE, response_only=True)]
)
class CustomerRowSerializer(AboutCustomer):
    class Meta:
        model = Customer
        fields = ROW
        read_only_fields = fields


@extend_schema_serializer(
    examples=[OpenApiExample("A customer", value=EXAMPLE | FURTHER, response_only=True)]
)
class CustomerSerializer(AboutCustomer):
    details = serializers.SerializerMethodField(
        help_text="Answers to the form of the legal form. Numbers of IDs, registers"
        " and taxes by their last digits, unless the asker may change them."
    )
    risk = serializers.SerializerMethodField(help_text="null to who may not know.")

    class Meta:
        model = Customer
        fields = (*ROW, "details", "risk", "offboarded_at")
        read_only_fields = fields

    def get_details(self, row: Customer) -> dict[str, str]:
        if self._may(SEE_NUMBERS):
            return dict(row.details)
        return {
            key: masked(text) if key.endswith("_number") else text
            for key, text in row.details.items()
        }

    def get_risk(self, row: Customer) -> str | None:
        return row.risk or None if self._may(SEE_RESTRICTED) else None


class FoundSerializer(serializers.ModelSerializer[Customer]):
    class Meta:
        model = Customer
        fields = ("id", "public_id", "name", "status", "kyc_status")
        read_only_fields = fields


class LookupSerializer(serializers.Serializer[Any]):
    results = FoundSerializer(many=True)


class EntrySerializer(serializers.ModelSerializer[DictionaryEntry]):
    class Meta:
        model = DictionaryEntry
        fields = ("code", "label", "order")
        read_only_fields = fields


class ProblemSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    error_code = serializers.CharField(source="code")
    message = serializers.CharField()


class MissingSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class CompletenessSerializer(serializers.Serializer[Any]):
    percent = serializers.IntegerField()
    missing = MissingSerializer(many=True)


class StagedSerializer(serializers.Serializer[Any]):
    is_ready = serializers.BooleanField(help_text="Whether it would be registered.")
    problems = ProblemSerializer(many=True, source="errors")
    completeness = CompletenessSerializer(source="filled", allow_null=True)
    like_it = FoundSerializer(
        many=True,
        help_text="Perhaps the same: ID number, or name and birth date."
        " Only for who may read customers too.",
    )
