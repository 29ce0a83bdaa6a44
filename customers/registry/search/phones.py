"""Which phones a text may be: with its country, from abroad, or as said at home."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

import phonenumbers

from common.text import normalize_phone

LEAST_DIGITS = 7  # ITU-T E.123 knows no shorter subscriber number abroad
LONGEST = 15  # digits (ITU-T E.164)
# What letterheads and links (RFC 3966) write before a number, and after it.
_BEFORE = re.compile(
    r"\s*(?:telephone|tel|phone|mobile|mob|cell|ph|t|m)[.:\s]*", re.IGNORECASE
)
_AFTER = re.compile(r";.*", re.DOTALL)
# Dialled before a country code where it is not 00: NANP, Russia, Japan.
_FROM_ABROAD = ("011", "810", "010")
# Dialled before a number at home (ITU-T E.164, national prefixes), where it is not 0.
_TRUNKS = {1: "1", 7: "8", 36: "06", 370: "8", 375: "8", 692: "1", 993: "8"}


def phones_of(text: str) -> tuple[str, ...]:
    """In E.164; many when the country is not said, and an index finds the right one.

    Institutions name no country, and their customers have phones of any: a number as
    said at home is looked for under every country code.
    """
    text = unicodedata.normalize("NFKC", text)
    written = normalize_phone(_AFTER.sub("", _BEFORE.sub("", text, count=1)))
    digits = written.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()) or len(digits) < LEAST_DIGITS:
        return ()
    if written.startswith("+"):
        return (written,) if len(digits) <= LONGEST else ()
    found = (f"+{each}" for each in _meant(digits) if len(each) <= LONGEST)
    return tuple(dict.fromkeys(found))


def _meant(digits: str) -> Iterator[str]:
    """With its country code; from abroad; in every country, as said at home.

    Where the first digit is the one dialled before numbers, it may belong to the number
    all the same: Italy's 06 does.
    """
    if not digits.startswith("0"):
        yield digits
    for prefix in _FROM_ABROAD:
        if digits.startswith(prefix):
            yield digits.removeprefix(prefix)
    for code in _codes():
        trunk = _TRUNKS.get(code, "0")
        if digits.startswith(trunk):
            yield f"{code}{digits.removeprefix(trunk)}"
        yield f"{code}{digits}"


@cache
def _codes() -> tuple[int, ...]:
    return tuple(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE))
