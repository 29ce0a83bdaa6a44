"""E-mails, strictly; domains that imitate others by letters of another alphabet."""

import re
import unicodedata

import idna

from common.errors import DomainError
from common.text import clean

LONGEST = 254  # characters; as long as the column, and RFC 5321 allows no more
LONGEST_LOCAL = 64  # octets before the @ (RFC 5321)
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
# Alphabets whose letters look like Latin ones: never beside Latin in one domain.
_LOOK_ALIKE = frozenset({"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"})
# Letters of Latin alphabets that are no accented ones and look like no other. Left out
# on purpose: the dotless ı, and those with strokes, hooks and bars (ǥ, ƅ, ħ, ɨ …).
_OWN_LETTERS = frozenset("ßæøœđłðþ")
# Letters that look just like Latin ones: a name made of nothing else reads as another.
_TWINS = frozenset(
    # Cyrillic: a c e o p x y, s i j l h d q w v w
    "\u0430\u0441\u0435\u043e\u0440\u0445\u0443"
    "\u0455\u0456\u0458\u04cf\u04bb\u0501\u051b\u051d\u0475\u0461"
    # Greek: a o v p i u k x y w
    "\u03b1\u03bf\u03bd\u03c1\u03b9\u03c5\u03ba\u03c7\u03b3\u03c9"
    # Armenian: o u h g j l q n n
    "\u0585\u057d\u0570\u0581\u0575\u056c\u0566\u0578\u057c"
)
# Scripts that one language writes together.
_TOGETHER = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"})


def clean_email(text: str) -> str:
    """Return the e-mail in lower case, its domain in Unicode. Raises DomainError.

    A domain written as `xn--…` is judged, and kept, as what it stands for.
    """
    if len(text) > LONGEST:
        raise _invalid(f"The e-mail is longer than {LONGEST} characters.")
    local, at, domain = clean(text).lower().rpartition("@")
    if not (at and len(local) <= LONGEST_LOCAL and _LOCAL.fullmatch(local)):
        raise _invalid("The e-mail does not look right.")
    return f"{local}@{_clean_domain(domain)}"


def _clean_domain(domain: str) -> str:
    try:
        written = idna.encode(domain, uts46=True).decode()
        shown = idna.decode(written)
    except (idna.IDNAError, UnicodeError):
        raise _invalid("The domain after the @ does not look right.") from None
    labels = shown.split(".")
    if len(labels) < 2 or not re.fullmatch(r"xn--.+|[a-z]{2,}", written.split(".")[-1]):
        raise _invalid("The domain after the @ does not look right.")
    _refuse_mixture(labels)
    _refuse_look_alikes(labels)
    return shown


def _refuse_mixture(labels: list[str]) -> None:
    """Raise DomainError when the domain mixes what no one language mixes."""
    found = [_scripts(label) for label in labels]
    everywhere = set().union(*found)
    is_mixed = any(len(s) > 1 and not s <= _TOGETHER for s in found)
    is_like_latin = bool(everywhere & _LOOK_ALIKE) and len(everywhere) > 1
    if is_mixed or is_like_latin or "PHONETIC" in everywhere:
        message = (
            "The domain after the @ mixes alphabets, so it may imitate another one;"
            " ask for a different e-mail."
        )
        raise _invalid(message)


def _refuse_look_alikes(labels: list[str]) -> None:
    """Raise DomainError for letters, and whole names, that read as other ones.

    The last label is no name that somebody chose.
    """
    is_strange = any(_is_strange_latin(c) for label in labels for c in label)
    if is_strange or any(_is_of_twins(label) for label in labels[:-1]):
        message = (
            "The domain after the @ is written with letters that look like others, so"
            " it may imitate another one; ask for a different e-mail."
        )
        raise _invalid(message)


def _is_strange_latin(character: str) -> bool:
    """Whether it is a Latin letter beyond a to z, without accents that explain it."""
    base = unicodedata.normalize("NFD", character)[0]
    is_known = base.isascii() or base in _OWN_LETTERS
    return not is_known and _script(character) == "LATIN"


def _is_of_twins(label: str) -> bool:
    letters = {c for c in label if not (c.isdigit() or c == "-")}
    return bool(letters) and letters <= _TWINS


def _scripts(label: str) -> set[str]:
    return {_script(c) for c in label if not (c.isdigit() or c == "-")}


def _script(character: str) -> str:
    """The alphabet of a letter, by its name; letters of phonetics are their own."""
    is_phonetic = "\u0250" <= character <= "\u02ff" or "\u1d00" <= character <= "\u1dbf"
    if is_phonetic:
        return "PHONETIC"
    return unicodedata.name(character, "UNKNOWN").split()[0].partition("-")[0]


def _invalid(message: str) -> DomainError:
    return DomainError(message, code="INVALID_EMAIL", field="email")
