"""What the bank knows of an individual's life: read and change."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.asking import Asked, Number, Words
from api.customers.base import CustomerView
from api.customers.requests import BY_API
from api.route import route
from customers.registry.models import Customer
from customers.registry.profile.commands import change_profile
from customers.registry.profile.questions import asked_of, profile_of

EXAMPLE: dict[str, Any] = {
    "row_version": 1, "answers": {"marital_status": "married"}, "reason": "Told us",
}  # fmt: skip


class ProfileSerializer(serializers.Serializer[Any]):
    row_version = serializers.IntegerField(help_text="0 until it is saved first.")
    answers = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        help_text="By question; codes of the dictionaries, or text.",
    )


class ProfileChangeSerializer(Asked):
    row_version = Number(min_value=0, max_value=2**31 - 1)
    answers = serializers.DictField(child=Words(allow_blank=True, max_length=1000))
    reason = Words(max_length=200, default=BY_API)


class OfProfile(CustomerView):
    permissions = {"GET": "get_customer", "PATCH": "edit_customer"}
    serializer_class = ProfileSerializer

    @route("get_profile", ProfileSerializer, permission="api.get_customer")
    def get(self, _request: Request, customer_id: UUID) -> Response:
        """Say the answers of an individual's profile; organisations have none."""
        return self._said(self.customer(customer_id))

    @route(
        "edit_profile", ProfileSerializer, asks=ProfileChangeSerializer,
        refuses=(404, 409, 413, 415, 422), permission="api.edit_customer",
        example=EXAMPLE,
    )  # fmt: skip
    def patch(self, request: Request, customer_id: UUID) -> Response:
        """Change the answers that are named; "" clears one.

        STALE_VERSION when somebody saved since `row_version` was read.
        """
        customer = self.customer(customer_id)
        asked = ProfileChangeSerializer.of(request.data)
        change_profile(
            customer.pk, changes=asked["answers"], by=self.user,
            reason=asked["reason"], row_version=asked["row_version"],
        )  # fmt: skip
        return self._said(self.customer(customer_id))

    def _said(self, customer: Customer) -> Response:
        profile = profile_of(customer)
        answers = {q.key: getattr(profile, q.key, "") for q in asked_of(customer)}
        version = profile.row_version if profile else 0
        said = {"row_version": version, "answers": answers}
        return Response(self.get_serializer(said).data)
