"""What the API says and hears about documents."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

from common.api import ErrorSerializer
from documents.choices import IdType, Kind
from documents.models import Document


class DocumentSerializer(serializers.ModelSerializer[Document]):
    title = serializers.CharField(read_only=True)

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


REFUSALS = {
    code: OpenApiResponse(ErrorSerializer) for code in (401, 403, 404, 409, 422, 413)
}
