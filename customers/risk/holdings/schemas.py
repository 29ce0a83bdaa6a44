"""Which figures a product of each kind may have, and the check of a report’s."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from common.errors import DomainError
from common.money import CURRENCIES, minor_digits
from common.text import clean
from customers.risk.choices import HoldingKind

INVALID = "DATA_VALIDATION_FAILED"
# Text, so that no float comes near money; far above any product of one customer.
_AMOUNT = re.compile(r"[0-9]{1,13}(?:\.([0-9]{1,3}))?")
MOST = 10**9  # of anything that is counted


@dataclass(frozen=True)
class Figure:
    """One key: "money" is decimal text, "count" a whole number, "currency" ISO 4217.

    `words` take the value: "{} days past due".
    """

    type: Literal["money", "count", "currency"]
    words: str = ""
    is_required: bool = True


_CURRENCY = Figure("currency")
_USED = Figure("count", "{} transactions in 90 days", is_required=False)
SCHEMAS: Mapping[HoldingKind, Mapping[str, Figure]] = {
    HoldingKind.LOAN: {
        "outstanding": Figure("money", "{} outstanding"),
        "principal": Figure("money", "{} lent"),
        "currency": _CURRENCY,
        "days_past_due": Figure("count", "{} days past due", is_required=False),
    },
    HoldingKind.WALLET: {
        "balance": Figure("money", "{} balance"),
        "currency": _CURRENCY,
        "transactions_90d": _USED,
    },
    HoldingKind.CARD: {
        "outstanding": Figure("money", "{} owed", is_required=False),
        "limit": Figure("money", "limit {}"),
        "currency": _CURRENCY,
        "transactions_90d": _USED,
    },
    HoldingKind.CAMPAIGN: {
        "offers": Figure("count", "{} offers"),
        "responses": Figure("count", "{} answered"),
    },
    HoldingKind.OTHER: {
        "balance": Figure("money", "{} balance", is_required=False),
        "currency": Figure("currency", is_required=False),
        "transactions_90d": _USED,
    },
}


def check_figures(kind: HoldingKind, said: object) -> dict[str, Any]:
    """The figures as they are kept. Raises DomainError naming the key.

    Nothing is walked or repeated but a key in short, so size and depth cannot hurt.
    """
    schema = SCHEMAS[kind]
    if not isinstance(said, Mapping):
        raise _refused("figures", "must be an object of figures")
    for key in said:
        if key not in schema:
            name = clean(key)[:40] if isinstance(key, str) else "that"
            raise _refused("figures", f"a {kind.label.lower()} has no figure “{name}”")
    currency = _currency(schema, said)
    return {
        key: _checked(key, figure, said[key], currency)
        for key, figure in schema.items()
        if _is_given(key, figure, said)
    }


def _currency(schema: Mapping[str, Figure], said: Mapping[str, Any]) -> str:
    """The currency of the amounts; "" where there are none."""
    amounts = [k for k, figure in schema.items() if figure.type == "money"]
    if "currency" not in said and not any(k in said for k in amounts):
        return ""
    currency = said.get("currency")
    if not isinstance(currency, str) or currency not in CURRENCIES:
        raise _refused("currency", "must be an ISO 4217 code, as USD")
    return currency


def _is_given(key: str, figure: Figure, said: Mapping[str, Any]) -> bool:
    if figure.is_required and key not in said:
        raise _refused(key, "is missing")
    return key in said


def _checked(key: str, figure: Figure, value: object, currency: str) -> Any:
    if figure.type == "count":
        return _count(key, value)
    return _amount(key, value, currency) if figure.type == "money" else currency


def _count(key: str, value: object) -> int:
    # A truth value is a whole number to Python, 3.0 is not.
    if type(value) is not int or not 0 <= value <= MOST:
        raise _refused(key, f"must be a whole number from 0 to {MOST:,}")
    return value


def _amount(key: str, value: object, currency: str) -> str:
    """Write it with its currency’s digits: what is equal is then equal as text."""
    # Its length first: a pattern need not read a megabyte.
    found = isinstance(value, str) and len(value) <= 20 and _AMOUNT.fullmatch(value)
    if not found:
        raise _refused(key, "must be an amount in text, 0 or more, as “12.50”")
    digits = minor_digits(currency)
    if len(found[1] or "") > digits:
        raise _refused(key, f"{currency} has {digits} digits behind the point")
    return f"{Decimal(found[0]):.{digits}f}"


def _refused(key: str, problem: str) -> DomainError:
    name = key.replace("_", " ").capitalize()
    return DomainError(f"{name}: {problem}.", code=INVALID, field=key)
