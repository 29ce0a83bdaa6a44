"""Numbers of accounts elsewhere: written in one form, and refused where they err."""

import re
import unicodedata
from dataclasses import dataclass

from stdnum import iban
from stdnum.exceptions import InvalidChecksum, ValidationError

from common.blind_index import blind_index
from common.errors import DomainError
from common.text import clean
from customers.contacts.services import clean_contact
from deposits.linked.choices import LinkedKind, NumberKind
from deposits.linked.iban_countries import IBAN_COUNTRIES

LONGEST = 64  # characters as typed; an IBAN has 34, and blanks between
_BETWEEN = re.compile(r"[\s./-]")
_DASH = re.compile("[\u2010-\u2015]")
# Two letters, two digits, 15 (Norway) or more in all: meant as an IBAN (ISO 13616).
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,}")
_ACCOUNT = re.compile(r"(?=.*[0-9])[A-Z0-9]{4,34}")
_WALLET_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{2,32})[A-Za-z0-9]")
_LETTER = re.compile(r"[A-Za-z]")


@dataclass(frozen=True)
class Number:
    """`text` is the one form that is kept."""

    text: str
    kind: NumberKind

    @property
    def index(self) -> str:
        """What equality is searched by; wallets disagree about capitals."""
        return blind_index("linked account", self.text.upper())

    @property
    def last_four(self) -> str:
        """What is shown; of a short number less, or it would show most of it."""
        return self.text[-4:] if len(self.text) >= 8 else self.text[-2:]

    @property
    def country(self) -> str:
        """Where an IBAN says that it is; "" for every other number."""
        is_iban = self.kind == NumberKind.IBAN
        return IBAN_COUNTRIES.get(self.text[:2], "") if is_iban else ""


def clean_number(kind: str, text: str) -> Number:
    """Return the number of a bank account or wallet. Raises DomainError."""
    if len(text) > LONGEST:
        raise _invalid(f"The number is longer than {LONGEST} characters.")
    written = _DASH.sub("-", unicodedata.normalize("NFKC", clean(text)))
    if not written:
        raise _invalid("Write the number.")
    if not written.isascii():
        # A letter that only looks like an A would be another account to every search.
        raise _invalid("Write the number with plain letters A–Z and digits.")
    return _of_bank(written) if kind == LinkedKind.BANK else _of_wallet(written)


def found_indexes(text: str) -> set[str]:
    """The indexes of whatever number the text may be; for searches."""
    found = set()
    for kind in LinkedKind:
        try:
            found.add(clean_number(kind, text).index)
        except DomainError:
            continue
    return found


def _of_bank(written: str) -> Number:
    compact = _BETWEEN.sub("", written).upper()
    if _IBAN.fullmatch(compact):
        return Number(_checked_iban(compact), NumberKind.IBAN)
    if not _ACCOUNT.fullmatch(compact):
        raise _invalid("An account number has 4 to 34 digits and letters.")
    return Number(compact, NumberKind.ACCOUNT)


def _checked_iban(compact: str) -> str:
    try:
        return str(iban.validate(compact))
    except InvalidChecksum:
        message = (
            "The check digits of this IBAN do not fit; compare it letter by letter."
        )
    except ValidationError:
        message = f"No IBAN of {compact[:2]} has this length and form."
    raise _invalid(message, code="INVALID_IBAN")


def _of_wallet(written: str) -> Number:
    if not _LETTER.search(written):
        number = clean_contact("phone", {"number": written})["number"]
        return Number(number, NumberKind.PHONE)
    compact = "".join(written.split())
    if not _WALLET_ID.fullmatch(compact):
        raise _invalid("A wallet id has 4 to 34 letters, digits, dots and hyphens.")
    return Number(compact, NumberKind.WALLET_ID)


def _invalid(message: str, *, code: str = "INVALID_ACCOUNT_NUMBER") -> DomainError:
    return DomainError(message, code=code, field="number")
