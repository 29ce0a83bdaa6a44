"""What a text typed into the search box may be, so that only fitting keys are asked."""

import re
import unicodedata
from dataclasses import dataclass

from common.keys import is_spoken_number, written_number
from common.text import clean, normalize_name
from customers.registry.search.phones import LEAST_DIGITS, phones_of

LONGEST = 200  # characters, as long as a name; more is no search
MOST_WORDS = 8  # of a name; each is a condition of its own
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]{2,}")
# An ID, registration or account number: letters and digits, one digit at least.
_CODE = re.compile(r"(?=.*[0-9])[A-Z0-9]{4,40}")


@dataclass(frozen=True)
class Reading:
    """One text, read in every way that it may be meant; "" or () where it is not."""

    text: str
    number: str = ""  # a public id or account number, its check digit right
    email: str = ""
    phones: tuple[str, ...] = ()  # E.164; many when the country is not said
    code: str = ""  # capitals and digits alone
    name: str = ""
    words: tuple[str, ...] = ()  # of the name

    @property
    def may_stand_in_address(self) -> bool:
        """Names and our own numbers may; logs keep addresses, so all else may not."""
        if self.number:
            return True
        return bool(self.words) and not (self.phones or self.email or self.code)


def read(text: str) -> Reading:
    """Read what was typed; hidden characters are dropped, and what is too long."""
    text = clean(text[: 2 * LONGEST])[:LONGEST].strip()
    if _EMAIL.fullmatch(text):
        return Reading(text, email=text.lower())
    number = written_number(text) if is_spoken_number(text) else ""
    phones, code = phones_of(text), folded_code(text)
    words = _words(text)
    return Reading(
        text,
        number=number,
        phones=phones,
        code=code if _CODE.fullmatch(code) else "",
        name=" ".join(words),
        words=words,
    )


def folded_code(text: str) -> str:
    """Write an ID number in the one form that is indexed: `gha 12-3` -> `GHA123`."""
    plain = unicodedata.normalize("NFKC", clean(text)).upper()
    return "".join(c for c in plain if c.isalnum())


def read_name(text: str) -> Reading:
    """Read what was typed as a name and nothing else."""
    text = clean(text[: 2 * LONGEST])[:LONGEST].strip()
    words = _words(text)
    return Reading(text, name=" ".join(words), words=words)


def _words(text: str) -> tuple[str, ...]:
    is_number = not any(c.isalpha() for c in text)
    if is_number and sum(c.isdigit() for c in text) >= LEAST_DIGITS:
        return ()
    return tuple(normalize_name(text).split()[:MOST_WORDS])
