"""May this customer have it, and why not: as the commands themselves would answer."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.customers.base import CustomerView
from api.route import route
from common.errors import DomainError
from customers.registry.models import Customer
from deposits.services import refuse_account, refuse_facility


class ReasonSerializer(serializers.Serializer[Any]):
    error_code = serializers.CharField()
    message = serializers.CharField()


class AnswerSerializer(serializers.Serializer[Any]):
    is_eligible = serializers.BooleanField()
    reasons = ReasonSerializer(many=True, help_text="Why not; empty when eligible.")


class EligibilitySerializer(serializers.Serializer[Any]):
    account = AnswerSerializer()
    facility = AnswerSerializer()


class Eligibility(CustomerView):
    permissions = {"GET": "get_customer"}
    serializer_class = EligibilitySerializer

    @route("get_eligibility", EligibilitySerializer, permission="api.get_customer")
    def get(self, _request: Request, customer_id: UUID) -> Response:
        """May this customer hold an account, or have a facility; and why not.

        What a command would refuse is refused here, with the same code and sentence.
        """
        customer = self.customer(customer_id)
        said = {
            "account": _answer(refuse_account, customer),
            "facility": _answer(refuse_facility, customer),
        }
        return Response(self.get_serializer(said).data)


def _answer(refuse: Callable[[Customer], None], customer: Customer) -> dict[str, Any]:
    try:
        refuse(customer)
    except DomainError as error:
        reason = {"error_code": error.code, "message": error.message}
        return {"is_eligible": False, "reasons": [reason]}
    return {"is_eligible": True, "reasons": []}
