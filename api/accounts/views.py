"""Accounts through the API: open, link, list, read."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from api.accounts.serializers import (
    DEPOSIT,
    EXAMPLE,
    AccountSerializer,
    NewAccountSerializer,
    of_deposit,
    of_linked,
)
from api.customers.base import CustomerView
from api.route import route
from common.api import Refused, once_id
from customers.registry.models import Customer
from deposits.linked.choices import LinkedKind
from deposits.linked.services import LinkRequest, link_account
from deposits.models import Account, AccountType, LinkedAccount
from deposits.services import open_account

# What opening or linking needs beside the route's own permission, by kind.
NEEDED = dict.fromkeys(LinkedKind.values, "deposits.link_account") | {
    DEPOSIT: "deposits.open_account"
}


class Accounts(CustomerView):
    permissions = {"GET": "fetch_account", "POST": "create_account"}
    serializer_class = AccountSerializer

    @route("fetch_account", AccountSerializer(many=True))
    def get(self, _request: Request, customer_id: UUID) -> Response:
        """List a customer's accounts: those here, then those linked elsewhere."""
        customer = self.customer(customer_id)
        deposits = Account.objects.filter(customer=customer)
        rows = [of_deposit(each) for each in deposits.order_by("opened_at", "id")]
        linked = LinkedAccount.objects.of_customer(customer.pk).defer("number")
        rows += [of_linked(each) for each in linked]
        return Response(self.get_serializer(rows, many=True).data)

    @route(
        "create_account", AccountSerializer, status=201, asks=NewAccountSerializer,
        refuses=(404, 409, 413, 415, 422), example=EXAMPLE,
    )  # fmt: skip
    def post(self, request: Request, customer_id: UUID) -> Response:
        """Open a deposit account, or link a bank account or wallet elsewhere.

        Refusals: KYC_REQUIRED, KYC_VERIFICATION_PENDING, CUSTOMER_INACTIVE,
        INVALID_IBAN, INVALID_ACCOUNT_NUMBER, INVALID_PHONE. Kind `deposit` needs
        deposits.open_account beside the route's own permission, the others
        deposits.link_account.
        """
        customer = self.customer(customer_id)
        asked = NewAccountSerializer.of(request.data)
        if not self.user.has_perm(NEEDED[asked["kind"]]):
            raise PermissionDenied
        made = self._make(customer, asked, once_id(request))
        answer = Response(self.get_serializer(made).data, status=201)
        answer["Location"] = f"/api/v1/customer/{customer.pk}/account/{made['id']}"
        return answer

    def _make(
        self, customer: Customer, asked: dict[str, Any], made_id: UUID | None
    ) -> dict[str, Any]:
        if asked["kind"] == DEPOSIT:
            kind = asked.get("account_type", AccountType.CURRENT)
            return of_deposit(
                open_account(
                    customer.pk, by=self.user, account_type=kind, account_id=made_id
                )
            )
        wanted = LinkRequest(**{"country": "", **asked}, id=made_id)
        return of_linked(link_account(customer.pk, wanted, by=self.user))


class OneAccount(CustomerView):
    permissions = {"GET": "get_account"}
    serializer_class = AccountSerializer

    @route("get_account", AccountSerializer)
    def get(self, _request: Request, customer_id: UUID, account_id: UUID) -> Response:
        """Say where one account stands, here or elsewhere."""
        customer = self.customer(customer_id)
        mine = Account.objects.filter(customer=customer)
        if account := mine.filter(pk=account_id).first():
            return Response(self.get_serializer(of_deposit(account)).data)
        linked = LinkedAccount.objects.of_customer(customer.pk)
        if row := linked.filter(pk=account_id).first():
            return Response(self.get_serializer(of_linked(row)).data)
        raise Refused(404, "ACCOUNT_NOT_FOUND", "There is no such account.")
