"""Customers through the API: find, register, read, change."""

import re
from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError

from api.answers.paging import KeysetPages
from api.asking import PAGES
from api.customers.base import CustomerView
from api.customers.finding import filtered
from api.customers.requests import (
    EDIT_EXAMPLE,
    EXAMPLE,
    CustomerChangeSerializer,
    CustomerFilters,
    RegistrationSerializer,
)
from api.customers.serializers import CustomerRowSerializer, CustomerSerializer
from api.route import route
from customers.registry.models import Customer
from customers.registry.services import register_customer, update_customer

ETAG = re.compile(r'"([0-9]{1,9})"')


class Customers(CustomerView):
    permissions = {"GET": "fetch_customer", "POST": "create_customer"}
    pagination_class = KeysetPages
    serializer_class = CustomerSerializer

    @route(
        "fetch_customer", CustomerRowSerializer(many=True), asked=[CustomerFilters],
        refuses=(422,),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Find customers: by text as staff's search box does, and by filters.

        The newest come first; with `search` the exact hits do, then names with the
        words of the text, then names nearly like it. Refusals: INVALID_PHONE,
        INVALID_EMAIL, DATA_VALIDATION_FAILED.
        """
        asked = CustomerFilters.of_query(request, but=PAGES)
        rows = filtered(self.mine(Customer), asked, self.user)
        page = self.paginate_queryset(rows.defer("details", "telegram_id"))
        context = self.get_serializer_context()
        said = CustomerRowSerializer(page, many=True, context=context).data
        return self.get_paginated_response(said)

    @route(
        "create_customer", CustomerSerializer, status=201, asks=RegistrationSerializer,
        refuses=(409, 413, 415, 422), example=EXAMPLE,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Register a customer.

        Refusals: DUPLICATE_CUSTOMER, PHONE_ALREADY_REGISTERED, INVALID_PHONE,
        INVALID_EMAIL, DATA_VALIDATION_FAILED.
        """
        asked = RegistrationSerializer.registration(request.data)
        customer = register_customer(asked, tenant=self.tenant, by=self.user)
        answer = Response(self.get_serializer(customer).data, status=201)
        answer["Location"] = f"/api/v1/customer/{customer.pk}"
        return _tagged(answer, customer)


class OneCustomer(CustomerView):
    permissions = {"GET": "get_customer", "PATCH": "edit_customer"}
    serializer_class = CustomerSerializer

    @route("get_customer", CustomerSerializer)
    def get(self, _request: Request, customer_id: UUID) -> Response:
        """Say who a customer is and where they stand. `ETag` is the row version."""
        return self._said(self.customer(customer_id))

    @route(
        "edit_customer", CustomerSerializer, asks=CustomerChangeSerializer,
        refuses=(404, 409, 413, 415, 422), example=EDIT_EXAMPLE,
    )  # fmt: skip
    def patch(self, request: Request, customer_id: UUID) -> Response:
        """Change what is said, and nothing else.

        STALE_VERSION when somebody saved since `row_version` was read; the change is
        then to be made anew, on what stands there now.
        """
        customer = self.customer(customer_id)
        changes = CustomerChangeSerializer.of(request.data)
        seen = _version_seen(request, changes.pop("row_version", None))
        reason = changes.pop("reason")
        update_customer(
            customer.pk, changes=changes, by=self.user, reason=reason, row_version=seen
        )
        return self._said(self.customer(customer_id))

    def _said(self, customer: Customer) -> Response:
        return _tagged(Response(self.get_serializer(customer).data), customer)


def _tagged(answer: Response, customer: Customer) -> Response:
    answer["ETag"] = f'"{customer.row_version}"'
    return answer


def _version_seen(request: Request, said: int | None) -> int:
    """Which version the client read. Raises ValidationError where it does not say."""
    header: Any = request.headers.get("If-Match")
    if header is None:
        if said is None:
            problem = "Say which version you read: here, or as an ETag in If-Match."
            raise ValidationError({"row_version": [problem]})
        return said
    tag = ETAG.fullmatch(header.strip())
    if tag is None or said not in (None, int(tag[1])):
        problem = "If-Match is one ETag of ours, the same as row_version."
        raise ValidationError({"row_version": [problem]})
    return int(tag[1])
