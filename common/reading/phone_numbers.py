"""Phones as people say them, in the one form we keep: E.164."""

import re
import unicodedata

import phonenumbers
from phonenumbers import PhoneNumberType

from common.errors import DomainError
from common.text import clean, is_phone, normalize_phone

LONGEST = 40  # characters; with spaces and brackets no number needs more

_ABROAD = re.compile(r"^[\s(]*00")  # how "+" is dialled in most countries
# Numbers that take no SMS, or whose owner is paid for each that they get.
_NO_SMS = {
    PhoneNumberType.PREMIUM_RATE: "a premium-rate number",
    PhoneNumberType.SHARED_COST: "a shared-cost number",
    PhoneNumberType.UAN: "a company-wide number",
    PhoneNumberType.PAGER: "a pager",
    PhoneNumberType.VOICEMAIL: "a voicemail box",
}


def clean_phone(text: str, field: str = "number") -> str:
    """Return `+233 (0)24 412 3456` as `+233244123456`. Raises DomainError at `field`.

    The number must exist in the numbering plan of the country it names itself.
    """
    if len(text) > LONGEST:
        raise _invalid(f"The phone is longer than {LONGEST} characters.", field)
    written = unicodedata.normalize("NFKC", clean(text))
    _refuse_extension(_ABROAD.sub("+", written), field)
    number = normalize_phone(written)
    if not is_phone(number):
        raise _invalid(
            "Write the phone with its country code, e.g. +233 24 412 3456.", field
        )
    parsed = _parsed(number)
    if parsed is None or not phonenumbers.is_valid_number(parsed):
        code = f"+{parsed.country_code}" if parsed else number[:4]
        raise _invalid(
            f"There is no such number under {code}; check the digits.", field
        )
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def shown_phone(number: str) -> str:
    """Write a kept number as people read it: `+233 24 412 3456`."""
    parsed = _parsed(number)
    if parsed is None:
        return number
    form = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form)


def takes_no_sms(number: str) -> str:
    """Why nothing is sent to a kept number by SMS, in a sentence; "" when it may be."""
    parsed = _parsed(number)
    type_of = phonenumbers.number_type(parsed) if parsed else PhoneNumberType.UNKNOWN
    if type_of == PhoneNumberType.FIXED_LINE:
        return (
            f"{shown_phone(number)} is a fixed line and takes no SMS; add a mobile"
            " phone to verify."
        )
    if what := _NO_SMS.get(type_of):
        return f"{shown_phone(number)} is {what}; codes are sent to mobile phones."
    return ""


def _refuse_extension(written: str, field: str) -> None:
    parsed = _parsed(written)
    if parsed is not None and parsed.extension:
        raise _invalid(
            f"Leave the extension {parsed.extension} out: codes and calls of ours"
            " reach direct lines only.",
            field,
        )


def _parsed(text: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return None


def _invalid(message: str, field: str) -> DomainError:
    return DomainError(message, code="INVALID_PHONE", field=field)
