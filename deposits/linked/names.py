"""Whether the holder of an account elsewhere is the customer, word by word."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from common.text import fold, normalize_name
from deposits.linked.choices import NameMatch

# What people put before their name, folded.
TITLES = frozenset(
    ["mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "dame",
     "madam", "rev", "reverend", "hon", "eng", "alhaji", "alhaja", "hajia", "sheikh",
     "herr", "frau", "monsieur", "madame"]
)  # fmt: skip


@dataclass(frozen=True)
class Word:
    """One word of either name, and what is said about it."""

    text: str
    reason: str


@dataclass(frozen=True)
class Comparison:
    result: NameMatch
    words: tuple[Word, ...]


def compare_names(ours: str, holder: str, *, is_person: bool) -> Comparison:
    """Compare the customer's name with the holder's, whatever the order of words.

    Close: every word of the shorter name has its partner, one of them the very same.
    """
    left, right = _words(ours, is_person), _words(holder, is_person)
    shorter = min(len(left), len(right))
    same = _pair(left, right, lambda one, other: "same" if one == other else "")
    near = _pair(left, right, _nearness)
    words = same + near
    words += [Word(word, "only in the holder’s name") for word in right]
    words += [Word(word, "only in the customer’s name") for word in left]
    if same and not (near or left or right):
        result = NameMatch.MATCH
    elif same and len(same) + len(near) == shorter >= 2:
        result = NameMatch.CLOSE
    else:
        result = NameMatch.NONE
    return Comparison(result, tuple(words))


def _words(name: str, is_person: bool) -> list[str]:
    """Legal suffixes go from organisations alone: there are people named Sa and Co."""
    if not is_person:
        return normalize_name(name).split()
    words = fold(name).split()
    return [word for word in words if word not in TITLES] or words


def _pair(
    left: list[str], right: list[str], say: Callable[[str, str], str]
) -> list[Word]:
    """Take the words that belong together out of both lists."""
    found = []
    for word in list(right):
        for other in left:
            if reason := say(word, other):
                left.remove(other)
                right.remove(word)
                found.append(Word(word, reason))
                break
    return found


def _nearness(word: str, other: str) -> str:
    short, long = sorted((word, other), key=len)
    if len(short) == 1 and long.startswith(short):
        return f"an initial: “{other}” in the customer’s name"
    if len(short) >= 4 and _scripts(word) == _scripts(other) and _is_slip(short, long):
        return f"one letter off: “{other}” in the customer’s name"
    return ""


def _scripts(word: str) -> set[str]:
    """LATIN, CYRILLIC …: a foreign letter that looks the same is no slip."""
    return {unicodedata.name(letter, "?").split()[0] for letter in word}


def _is_slip(short: str, long: str) -> bool:
    """Tell whether one letter was left out, put in, changed or swapped."""
    start = 0
    while start < len(short) and short[start] == long[start]:
        start += 1
    rest, other = short[start:], long[start:]
    if len(rest) < len(other):
        return len(other) - len(rest) == 1 and other[1:] == rest
    is_swap = rest[:2] == other[1::-1] and rest[2:] == other[2:]
    return rest[1:] == other[1:] or is_swap
