"""What clients say to register, change, decline or find customers."""

from typing import Any

from rest_framework import serializers

from api.asking import Asked, Number, OneOf, Words
from customers.registry.choices import (
    Activity,
    Channel,
    CustomerType,
    DeclineReason,
    EntityType,
    KycStatus,
    Status,
)
from customers.registry.registration import Registration

LONGEST_PHONE = 40  # as people write it
BY_API = "Changed through the API"
EXAMPLE: dict[str, Any] = {
    "customer_type": "INDIVIDUAL", "entity_type": "individual", "channel": "web",
    "name": "Ama Mensah", "email": "ama@mail.example", "phone": "+233244123456",
    "details": {
        "birth_date": "1991-04-03", "nationality": "GHA",
        "address": "12 Ring Road East, Accra, Ghana", "id_number": "GHA-123456789-1",
    },
    "terms_version": "2026-01",
}  # fmt: skip
EDIT_EXAMPLE: dict[str, Any] = {
    "row_version": 3, "phone": "+233244123457", "reason": "A new SIM card",
    "details": {"address": "14 Ring Road East, Accra, Ghana"},
}  # fmt: skip


class Answers(serializers.DictField):
    """Answers to the form of the legal form: text, dates as YYYY-MM-DD."""

    child = Words(allow_blank=True, max_length=1000)


class RegistrationSerializer(Asked):
    customer_type = OneOf(choices=CustomerType.choices)
    entity_type = OneOf(choices=EntityType.choices)
    name = Words(max_length=200)
    channel = OneOf(choices=Channel.choices, default=Channel.WEB)
    email = Words(max_length=254, required=False, allow_blank=True)
    phone = Words(max_length=LONGEST_PHONE, required=False, allow_blank=True)
    telegram_id = Words(max_length=64, required=False, allow_blank=True)
    category = Words(
        max_length=40, required=False, allow_blank=True,
        help_text="A code of the dictionary `customer_category`.",
    )  # fmt: skip
    details = Answers(required=False)
    terms_version = Words(
        max_length=40, required=False, allow_blank=True,
        help_text="Of the terms that the customer accepted.",
    )  # fmt: skip

    @classmethod
    def registration(cls, said: Any) -> Registration:
        """What register_customer takes."""
        return Registration(**cls.of(said))


class CustomerChangeSerializer(Asked):
    """What is left out stays; "" clears."""

    row_version = Number(
        min_value=0, max_value=2**31 - 1, required=False,
        help_text="As it was read. Needed here or, as an ETag, in `If-Match`.",
    )  # fmt: skip
    reason = Words(max_length=200, default=BY_API)
    name = Words(max_length=200, required=False)
    email = Words(max_length=254, required=False, allow_blank=True)
    phone = Words(max_length=LONGEST_PHONE, required=False, allow_blank=True)
    telegram_id = Words(max_length=64, required=False, allow_blank=True)
    category = Words(max_length=40, required=False, allow_blank=True)
    details = Answers(required=False)


class DeclineSerializer(Asked):
    reason = OneOf(choices=DeclineReason.choices)


class CustomerFilters(Asked):
    """Each narrows the list; `search` is read as the search box of staff reads it."""

    search = Words(
        max_length=200, required=False,
        help_text="A name, public id, e-mail, phone or ID number, mistakes in names"
        " allowed. Exact hits come first.",
    )  # fmt: skip
    name = Words(
        max_length=200, required=False,
        help_text="Every word stands in the name, in whatever order.",
    )  # fmt: skip
    email = Words(max_length=254, required=False, help_text="The whole e-mail.")
    phone = Words(
        max_length=LONGEST_PHONE, required=False,
        help_text="In any notation; without a country it may be of any.",
    )  # fmt: skip
    id = Words(max_length=40, required=False, help_text="The id or the public id.")
    status = OneOf(choices=Status.choices, required=False)
    kyc_status = OneOf(choices=KycStatus.choices, required=False)
    type = OneOf(choices=CustomerType.choices, required=False)
    activity = OneOf(choices=Activity.choices, required=False)
    tier = serializers.IntegerField(min_value=1, max_value=4, required=False)
    registered_since = serializers.DateTimeField(required=False)
    updated_since = serializers.DateTimeField(
        required=False,
        help_text="Something happened to them then or later that you may know of.",
    )


class LookupQuery(Asked):
    """Exactly one of these."""

    public_id = Words(max_length=40, required=False)
    phone = Words(max_length=LONGEST_PHONE, required=False)
    email = Words(max_length=254, required=False)
    id_number = Words(max_length=60, required=False)
    account_number = Words(max_length=40, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            names = ", ".join(self.fields)
            raise serializers.ValidationError(f"Say exactly one of {names}.")
        return attrs
