"""What the API says and hears of accounts, deposit and linked alike."""

from typing import Any

from rest_framework import serializers

from api.asking import Asked, OneOf, Words
from common.errors import DomainError
from common.reading.countries import COUNTRIES
from deposits.linked.choices import LinkedKind
from deposits.linked.numbers import clean_number
from deposits.models import Account, AccountType, LinkedAccount

DEPOSIT = "deposit"
KINDS = [(DEPOSIT, "Deposit account"), *LinkedKind.choices]
STATUSES = [*Account.Status.choices, *LinkedAccount.Status.choices]
OF_DEPOSIT = frozenset({"account_type"})
OF_LINKED = ("institution", "holder_name", "number", "country")
EXAMPLE: dict[str, Any] = {
    "kind": "wallet", "institution": "MTN MoMo", "holder_name": "Ama Mensah",
    "number": "+233244123456", "country": "GHA",
}  # fmt: skip


class AccountSerializer(serializers.Serializer[Any]):
    """What does not belong to the kind is null."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=KINDS)
    number = serializers.CharField(help_text="Of a linked one the last digits alone.")
    status = serializers.ChoiceField(choices=STATUSES)
    opened_at = serializers.DateTimeField(help_text="Of a linked one: when added.")
    account_type = serializers.CharField(allow_null=True)
    currency = serializers.CharField(allow_null=True)
    institution = serializers.CharField(allow_null=True)
    holder_name = serializers.CharField(allow_null=True)
    country = serializers.CharField(allow_null=True)
    is_primary = serializers.BooleanField(
        allow_null=True, help_text="Whether payouts go there."
    )


class NewAccountSerializer(Asked):
    """`deposit` opens an account; `bank` and `wallet` link one that is elsewhere."""

    kind = OneOf(choices=KINDS)
    account_type = OneOf(choices=AccountType.choices, required=False)
    institution = Words(max_length=120, required=False)
    holder_name = Words(max_length=200, required=False)
    number = Words(max_length=64, required=False)
    country = OneOf(
        choices=list(COUNTRIES.items()), required=False,
        help_text="Of a linked account. An IBAN says it itself: beside one it may be"
        " left out, and may be no other.",
    )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Each kind has its own fields, all of them and no others.

        The country alone may be missing, where the number says it.
        """
        is_deposit = attrs["kind"] == DEPOSIT
        needed = () if is_deposit else OF_LINKED
        missing = [name for name in needed if name not in attrs]
        if missing == ["country"] and _is_said_by_number(attrs):
            missing = []
        other = OF_LINKED if is_deposit else OF_DEPOSIT
        problems = {name: ["This field is required."] for name in missing}
        problems |= {
            name: ["Not for this kind of account."] for name in other if name in attrs
        }
        if problems:
            raise serializers.ValidationError(problems)
        return attrs


def _is_said_by_number(attrs: dict[str, Any]) -> bool:
    """Whether it is an IBAN; of what is no number at all the command says so."""
    if attrs["kind"] != LinkedKind.BANK:
        return False
    try:
        return bool(clean_number(LinkedKind.BANK, attrs["number"]).country)
    except DomainError:
        return True


def of_deposit(account: Account) -> dict[str, Any]:
    return _nothing() | {
        "id": account.pk, "kind": DEPOSIT, "number": account.public_id,
        "status": account.status, "opened_at": account.opened_at,
        "account_type": account.account_type, "currency": account.currency,
    }  # fmt: skip


def of_linked(row: LinkedAccount) -> dict[str, Any]:
    return _nothing() | {
        "id": row.pk, "kind": row.kind, "number": row.shown,
        "status": row.status, "opened_at": row.added_at,
        "institution": row.institution, "holder_name": row.holder_name,
        "country": row.country, "is_primary": row.is_primary,
    }  # fmt: skip


def _nothing() -> dict[str, Any]:
    return dict.fromkeys(AccountSerializer().fields)
