"""What the API says and hears about documents."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

from common.api import ErrorSerializer
from documents.choices import IdType, Kind
from documents.models import Document


class DocumentSerializer(serializers.ModelSerializer[Document]):
    title = serializers.CharField(read_only=True)
    id_type = serializers.CharField(read_only=True, help_text="May be empty.")
    review_reason = serializers.CharField(read_only=True, help_text="May be empty.")

    class Meta:
        model = Document
        fields = (
            "id", "customer", "kind", "id_type", "title", "issued_on", "expires_on",
            "status", "error", "scan", "review", "review_reason", "original_name",
            "name", "content_type", "size", "sha256", "source", "uploaded_at",
            "reviewed_at",
        )  # fmt: skip
        read_only_fields = fields


class UploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="At most 25 MB.")
    kind = serializers.ChoiceField(choices=Kind.choices)
    id_type = serializers.ChoiceField(
        choices=IdType.choices, required=False, allow_blank=True
    )
    issued_on = serializers.DateField(required=False, allow_null=True)
    expires_on = serializers.DateField(required=False, allow_null=True)
    id = serializers.UUIDField(
        required=False, help_text="Chosen by you: the same id again adds nothing."
    )


# Beside what any route may refuse, which the description says by itself.
REFUSALS = {404: OpenApiResponse(ErrorSerializer)}
REFUSALS_OF_FILES = REFUSALS | {
    code: OpenApiResponse(ErrorSerializer) for code in (409, 413, 415, 422)
}
