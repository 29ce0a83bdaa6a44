"""Stage, decline and dispose through the API, and look one customer up."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from api.customers.base import MISSING, CustomerView
from api.customers.finding import looked_up
from api.customers.requests import (
    EXAMPLE,
    DeclineSerializer,
    LookupQuery,
    RegistrationSerializer,
)
from api.customers.serializers import (
    CustomerSerializer,
    LookupSerializer,
    StagedSerializer,
)
from api.route import route
from common.api import Refused
from customers.registry.choices import DeclineReason
from customers.registry.commands.disposal import dispose_customer
from customers.registry.commands.staging import stage_customer
from customers.registry.models import Customer
from customers.registry.services import decline_customer


class Stage(CustomerView):
    permissions = {"POST": "stage_customer"}
    serializer_class = StagedSerializer

    @route(
        "stage_customer", StagedSerializer, asks=RegistrationSerializer,
        refuses=(409, 413, 415, 422), example=EXAMPLE,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Check a registration in every way, and register nobody.

        `problems` are all that create_customer would refuse, each at its field;
        `completeness` is how full the file would be.
        """
        asked = RegistrationSerializer.registration(request.data)
        staged = stage_customer(asked, tenant=self.tenant, by=self.user)
        return Response(self.get_serializer(staged).data)


class Decline(CustomerView):
    permissions = {"POST": "decline_customer"}
    serializer_class = CustomerSerializer

    @route(
        "decline_customer", CustomerSerializer, asks=DeclineSerializer,
        refuses=(404, 409, 413, 415, 422), example={"reason": "cannot_verify"},
    )  # fmt: skip
    def post(self, request: Request, customer_id: UUID) -> Response:
        """Turn away an applicant who was never verified; twice is no error."""
        customer = self.customer(customer_id)
        reason = DeclineReason(DeclineSerializer.of(request.data)["reason"])
        decline_customer(customer.pk, reason=reason, by=self.user)
        return Response(self.get_serializer(self.customer(customer_id)).data)


class Dispose(CustomerView):
    permissions = {"POST": "dispose_customer"}
    serializer_class = CustomerSerializer

    @route(
        "dispose_customer", None, status=204, refuses=(404, 409, 413, 415, 422),
    )  # fmt: skip
    def post(self, _request: Request, customer_id: UUID) -> Response:
        """Ask for the disposal of a customer's records.

        409 RELATIONSHIP_NOT_ENDED, RETENTION_NOT_OVER (`details` say until when) or
        DISPOSAL_NOT_APPROVED. Nothing is deleted while law or policy keep it.
        """
        dispose_customer(self.customer(customer_id).pk)
        return Response(status=204)


class Lookup(CustomerView):
    permissions = {"GET": "lookup_customer"}
    serializer_class = LookupSerializer

    @route("lookup_customer", LookupSerializer, asked=[LookupQuery], refuses=(404, 422))
    def get(self, request: Request) -> Response:
        """Find by one exact key; a small answer, the living first.

        More than one customer may have had a phone, or claim an ID number.
        """
        ((key, text),) = LookupQuery.of_query(request).items()
        found = looked_up(self.mine(Customer), key, text, self.user)
        if not found:
            raise Refused(404, "CUSTOMER_NOT_FOUND", MISSING)
        return Response(self.get_serializer({"results": found}).data)
