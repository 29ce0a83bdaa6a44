"""Names and numbers as people write them, folded to what can be compared."""

import re
import unicodedata

# Legal suffixes that differ between papers of the same entity (GLEIF ELF short forms).
LEGAL_SUFFIXES = frozenset(
    [
        "ag",
        "bv",
        "co",
        "company",
        "corp",
        "corporation",
        "gmbh",
        "inc",
        "incorporated",
        "kg",
        "limited",
        "llc",
        "llp",
        "lp",
        "ltd",
        "nv",
        "oy",
        "plc",
        "pte",
        "pty",
        "pvt",
        "sa",
        "sarl",
        "sas",
        "se",
        "spa",
        "srl",
    ]
)
_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "ø": "o",
        "đ": "d",
        "ł": "l",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "\u0131": "i",
    }
)
# Text that no database stores (NUL, halves of characters) or that hides what it says
# (controls, bidi, joiners, soft hyphens, variation selectors).
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u180b-\u180f\u200b-\u200f"
    r"\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\ud800-\udfff"
    r"\U000e0000-\U000e0fff]"
)
_SPACE = re.compile(r"[^\S\r\n]+")
_BETWEEN_DIGITS = re.compile(r"\(0\)|[\s()./\u2010-\u2015-]")


def fold(text: str) -> str:
    """Fold case, accents, punctuation and spacing; folding twice changes nothing.

    `Håkansson, Per-Olof` -> `hakansson per olof`.
    """
    # Apart before lower case, because some signs hold capitals (℡).
    apart = unicodedata.normalize("NFKD", _HIDDEN.sub("", text))
    letters = apart.casefold().translate(_LETTERS)
    bare = "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join("".join(c if _is_of_word(c) else " " for c in bare).split())


def _is_of_word(character: str) -> bool:
    # Vowel signs (Hindi, Thai) are marks, yet part of the word.
    return character.isalnum() or unicodedata.category(character) in ("Mc", "Mn")


def normalize_name(name: str) -> str:
    """Fold a name and drop trailing legal suffixes; shared by search and duplicates.

    A name of nothing but suffixes keeps them.
    """
    # "B.V." and "S.A." are one word each, so dots go before the words are split.
    words = fold(name.replace(".", "")).split()
    while len(words) > 1 and words[-1] in LEGAL_SUFFIXES:
        words.pop()
    return " ".join(words)


def clean(text: str) -> str:
    """Drop hidden characters and outer space; single spaces inside, lines kept."""
    return _SPACE.sub(" ", _HIDDEN.sub("", text)).strip()


def normalize_phone(text: str) -> str:
    """Drop what stands between digits: `+233 (0)24-412 3456` -> `+233244123456`.

    "" stays ""; anything else, an extension say, stays and is no phone.
    """
    digits = _BETWEEN_DIGITS.sub("", unicodedata.normalize("NFKC", clean(text)))
    return "+" + digits[2:] if digits.startswith("00") else digits


def is_phone(text: str) -> bool:
    """Tell whether `text` is an E.164 number (ITU-T E.164: 8 to 15 digits)."""
    return re.fullmatch(r"\+[1-9][0-9]{7,14}", text) is not None
