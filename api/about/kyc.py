"""Verification through the API: where it stands, and the link that begins it."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.customers.base import CustomerView
from api.route import route
from common.api import once
from customers.registry.choices import KycLevel, KycStatus
from kyc.models import Applicant
from kyc.services import newest_attempt, refusal_to_start
from kyc.start import IssuedLink, start_kyc

READ = "api.get_customer"
ATTEMPTS = 50  # nobody was ever verified more often


class AttemptSerializer(serializers.ModelSerializer[Applicant]):
    class Meta:
        model = Applicant
        fields = (
            "id", "provider", "level", "status", "is_renewal", "started_at",
            "link_expires_at", "decided_at",
        )  # fmt: skip
        read_only_fields = fields


class KycSerializer(serializers.Serializer[Any]):
    kyc_status = serializers.ChoiceField(choices=KycStatus.choices)
    kyc_level = serializers.ChoiceField(choices=KycLevel.choices)
    verified_at = serializers.DateTimeField(allow_null=True)
    kyc_expires_on = serializers.DateField(allow_null=True)
    may_start = serializers.BooleanField(help_text="For the asker, now.")
    why_not = serializers.CharField(allow_blank=True)
    attempt = AttemptSerializer(allow_null=True, help_text="The one that counts.")


class StartedSerializer(serializers.Serializer[Any]):
    attempt = AttemptSerializer()
    url = serializers.URLField(
        allow_null=True,
        help_text="For the customer's own browser. Said once and kept nowhere: null"
        " when an answer is repeated.",
    )


class Kyc(CustomerView):
    permissions = {"GET": "get_customer"}
    serializer_class = KycSerializer

    @route("get_kyc", KycSerializer, permission=READ)
    def get(self, _request: Request, customer_id: UUID) -> Response:
        """Say where verification stands, and whether it may be started now."""
        customer = self.customer(customer_id)
        newest = newest_attempt(customer.pk)
        why_not = refusal_to_start(customer, newest, self.user)
        said = {
            "may_start": not why_not, "why_not": why_not, "attempt": newest,
            **{name: getattr(customer, name) for name in (
                "kyc_status", "kyc_level", "verified_at", "kyc_expires_on",
            )},
        }  # fmt: skip
        return Response(self.get_serializer(said).data)


class Attempts(CustomerView):
    permissions = {"GET": "get_customer"}
    serializer_class = AttemptSerializer

    @route("list_kyc_attempts", AttemptSerializer(many=True), permission=READ)
    def get(self, _request: Request, customer_id: UUID) -> Response:
        """List the attempts to verify a customer, the newest first."""
        rows = Applicant.objects.filter(customer=self.customer(customer_id))
        rows = rows.order_by("-started_at", "-id")[:ATTEMPTS]
        return Response(self.get_serializer(rows, many=True).data)


class Start(CustomerView):
    permissions = {"POST": "kyc.start_kyc"}
    serializer_class = StartedSerializer

    @route(
        "start_kyc", StartedSerializer, status=201,
        refuses=(404, 409, 413, 415, 422), permission="kyc.start_kyc",
    )  # fmt: skip
    def post(self, request: Request, customer_id: UUID) -> Any:
        """Begin verification, or make a fresh link for the attempt that is open."""
        answer = self._start(request, customer_id)
        # Beside what is kept under the key: the link is a secret of the customer's.
        link: IssuedLink | None = getattr(request, "issued_link", None)
        if link:
            answer.data["url"] = link.url
        return answer

    post.acts_once = True  # type: ignore[attr-defined]

    @once(is_inside=False)  # Sumsub is outside
    def _start(self, request: Request, customer_id: UUID) -> Response:
        link = start_kyc(self.customer(customer_id).pk, by=self.user)
        request.issued_link = link  # type: ignore[attr-defined]
        link.attempt.refresh_from_db()
        said = {"attempt": link.attempt, "url": None}
        return Response(self.get_serializer(said).data, status=201)
