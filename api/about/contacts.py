"""Phones, e-mails and addresses through the API, and the proof of them."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.asking import Asked, OneOf, Words
from api.customers.base import CustomerView
from api.customers.requests import BY_API
from api.route import route
from common.api import Refused
from customers.contacts import services
from customers.contacts.choices import Kind
from customers.contacts.models import MODELS, Contact

CHANGE = "contacts.change_contact"
CHANGES = (404, 409, 413, 415, 422)
PARTS = {
    Kind.PHONE: ("number", "operator"),
    Kind.EMAIL: ("email",),
    Kind.ADDRESS: ("lines", "town", "region", "postcode", "country"),
}
EXAMPLE = {"kind": "phone", "values": {"number": "+233244123456", "type": ""}}
MISSING = "There is no such contact."
KIND = OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=Kind.values)


class ContactSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    shown = serializers.CharField()
    type = serializers.CharField(allow_blank=True)
    is_primary = serializers.BooleanField()
    verified_at = serializers.DateTimeField(allow_null=True)
    values = serializers.SerializerMethodField(help_text="The parts of its kind.")

    def get_values(self, row: Any) -> dict[str, str]:
        return {name: getattr(row, name) for name in PARTS[row.kind]}


class Parts(serializers.DictField):
    """By kind: `number`, `operator`; `email`; `lines`, `town`, … ; and `type`."""

    child = Words(allow_blank=True, max_length=300)


class NewContactSerializer(Asked):
    kind = OneOf(choices=Kind.choices)
    values = Parts()
    is_primary = serializers.BooleanField(default=False)
    reason = Words(max_length=200, default=BY_API)


class ContactChangeSerializer(Asked):
    values = Parts()
    reason = Words(max_length=200, default=BY_API)


class WhySerializer(Asked):
    reason = Words(max_length=200, default=BY_API)


class CodeSerializer(Asked):
    code = Words(max_length=12, help_text="The six digits that the customer read.")


class ContactView(CustomerView):
    """A route about one contact."""

    serializer_class = ContactSerializer

    def contact(self, customer_id: UUID, kind: str, contact_id: UUID) -> Contact:
        """A living one of a customer of the asker's institution, or a 404."""
        customer = self.customer(customer_id)
        rows = MODELS[kind].objects.of_customer(customer.pk) if kind in MODELS else ()
        found: Contact | None = rows.filter(pk=contact_id).first() if rows else None
        if found is None:
            raise Refused(404, "NOT_FOUND", MISSING)
        return found

    def said(self, *asked: Any, status: int = 200) -> Response:
        return Response(self.get_serializer(self.contact(*asked)).data, status=status)


class Contacts(ContactView):
    permissions = {"GET": "get_customer", "POST": CHANGE}

    @route("list_contacts", ContactSerializer(many=True), permission="api.get_customer")
    def get(self, _request: Request, customer_id: UUID) -> Response:
        """List a customer's contacts by kind, the primary one first."""
        customer = self.customer(customer_id)
        rows = [
            row
            for kind in Kind
            for row in MODELS[kind].objects.of_customer(customer.pk)
        ]
        return Response(self.get_serializer(rows, many=True).data)

    @route(
        "add_contact", ContactSerializer, status=201, asks=NewContactSerializer,
        refuses=CHANGES, permission=CHANGE, example=EXAMPLE,
    )  # fmt: skip
    def post(self, request: Request, customer_id: UUID) -> Response:
        """Add one; the first of its kind becomes the primary one by itself."""
        customer = self.customer(customer_id)
        asked = NewContactSerializer.of(request.data)
        kind, values = asked["kind"], _parts(asked["kind"], asked["values"])
        made = services.add_contact(
            customer.pk, kind, values, by=self.user, reason=asked["reason"],
            is_primary=asked["is_primary"],
        )  # fmt: skip
        return self.said(customer_id, kind, made.pk, status=201)


class OneContact(ContactView):
    permissions = {"PATCH": CHANGE, "DELETE": CHANGE}

    @route(
        "change_contact", ContactSerializer, asks=ContactChangeSerializer,
        refuses=CHANGES, permission=CHANGE, asked=[KIND],
        example={"values": {"number": "+233244123457"}},
    )  # fmt: skip
    def patch(
        self, request: Request, customer_id: UUID, kind: str, contact_id: UUID
    ) -> Response:
        """Change the parts that are named; another number must be proven anew.

        An operator that is not named goes with the old number.
        """
        contact = self.contact(customer_id, kind, contact_id)
        asked = ContactChangeSerializer.of(request.data)
        values = _parts(kind, asked["values"])
        services.change_contact(
            kind, contact.pk, values, by=self.user, reason=asked["reason"]
        )
        return self.said(customer_id, kind, contact_id)

    @route(
        "remove_contact",
        None,
        status=204,
        refuses=(404, 409),
        permission=CHANGE,
        asked=[KIND],
    )
    def delete(
        self, _request: Request, customer_id: UUID, kind: str, contact_id: UUID
    ) -> Response:
        """Remove one; the primary one only as the last, and where none is demanded."""
        contact = self.contact(customer_id, kind, contact_id)
        services.remove_contact(
            kind, contact.pk, by=self.user, reason="Removed through the API"
        )
        return Response(status=204)


class Primary(ContactView):
    permissions = {"POST": CHANGE}

    @route(
        "make_primary_contact", ContactSerializer, asks=WhySerializer, refuses=CHANGES,
        permission=CHANGE, asked=[KIND],
    )  # fmt: skip
    def post(
        self, request: Request, customer_id: UUID, kind: str, contact_id: UUID
    ) -> Response:
        """Put one in the primary one's place; twice is no error."""
        contact = self.contact(customer_id, kind, contact_id)
        why = WhySerializer.of(request.data)["reason"]
        services.make_primary(kind, contact.pk, by=self.user, reason=why)
        return self.said(customer_id, kind, contact_id)


class Verification(ContactView):
    permissions = {"POST": CHANGE}

    @route(
        "ask_verification", ContactSerializer, status=202, refuses=CHANGES,
        permission=CHANGE, asked=[KIND],
    )  # fmt: skip
    def post(
        self, _request: Request, customer_id: UUID, kind: str, contact_id: UUID
    ) -> Response:
        """Send a code to a phone, or a link to a mailbox; at most three an hour."""
        contact = self.contact(customer_id, kind, contact_id)
        if kind == Kind.ADDRESS:
            raise Refused(409, "CUSTOMER_ERROR", "Nothing is sent to an address.")
        services.ask_verification(kind, contact.pk, by=self.user)
        return self.said(customer_id, kind, contact_id, status=202)


class Confirmation(ContactView):
    permissions = {"POST": CHANGE}

    @route(
        "confirm_phone", ContactSerializer, asks=CodeSerializer, refuses=CHANGES,
        permission=CHANGE, example={"code": "123456"},
    )  # fmt: skip
    def post(self, request: Request, customer_id: UUID, contact_id: UUID) -> Response:
        """Take the code that the customer read out; five wrong ones end it.

        An e-mail is confirmed by its link alone.
        """
        phone = self.contact(customer_id, Kind.PHONE, contact_id)
        code = CodeSerializer.of(request.data)["code"]
        services.verify_phone(phone.pk, code=code, by=self.user)
        return self.said(customer_id, Kind.PHONE, contact_id)


def _parts(kind: str, said: dict[str, str]) -> dict[str, str]:
    """Raises ValidationError for what a contact of this kind does not have."""
    known = (*PARTS[Kind(kind)], "type")
    if unknown := [name[:40] for name in said if name not in known]:
        problem = f"A contact of this kind has {', '.join(known)}."
        raise serializers.ValidationError({name: [problem] for name in unknown[:20]})
    return said
