"""Names with one mistake in a word: a letter wrong, missing, too many, or two swapped.

Every such spelling is a pattern, and PostgreSQL looks all of them up in the trigram
index of the names. Among a million names its word_similarity took 1.7 s for one word
at the threshold these mistakes need (0.39), the patterns a tenth of a second. SQLite is
asked the same without an index, which serves a demonstration.
"""

import re
from typing import Any
from uuid import UUID

from django.db.models import F, Lookup, Q, QuerySet
from django.db.models.functions import Abs, Length

# A shorter word with a mistake is nearly every short word …
LEAST_LETTERS = 4
# … but beside a right word, which selects, one of three letters may have a mistake.
LEAST_BESIDE = 3
MOST_LETTERS = 20  # of one word; longer ones are no names
MOST_MISSPELT = 3  # words; each is some fifty patterns
_WITHOUT_SPACES = re.compile("[\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]+")
MOST = 20  # names; what is less alike than twenty others is not meant
MOST_CANDIDATES = 400  # whose likeness to all that was typed is compared


class Like(Lookup):
    """SQL's LIKE with `_` for any letter; for words, which hold no sign of its own."""

    lookup_name = "like"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        lhs, values = self.process_lhs(compiler, connection)
        return f"{lhs} LIKE %s", (*values, self.rhs)


def similar_names(customers: QuerySet[Any], words: tuple[str, ...]) -> list[UUID]:
    """Return the customers whose name has every word nearly; the likest first."""
    found: dict[UUID, str] = {}
    # One wrong word among right ones is what people type, and the right ones select.
    for wrong in _wrong_beside(words):
        found |= _likest(customers, words, {wrong})
    misspelt = [word for word in words if _may_be_misspelt(word)][:MOST_MISSPELT]
    if not found and misspelt:
        found = _likest(customers, words, set(misspelt))
    asked = " ".join(words)
    ranked = sorted((-similarity(asked, name), name, pk) for pk, name in found.items())
    return [pk for _, _, pk in ranked[:MOST]]


def _wrong_beside(words: tuple[str, ...]) -> list[str]:
    """Words that may be wrong while another, long enough to select, is right."""
    return [
        word
        for at, word in enumerate(words)
        if _may_be_misspelt(word, LEAST_BESIDE)
        and any(len(each) > 2 for each in words[:at] + words[at + 1 :])
    ][:MOST_MISSPELT]


def _likest(
    customers: QuerySet[Any], words: tuple[str, ...], wrong: set[str]
) -> dict[UUID, str]:
    """Names that have the words, the wrong ones nearly; by key."""
    is_beside = len(wrong) < len(words)
    near = [_near(word, is_beside) if word in wrong else has_word(word)
            for word in words]  # fmt: skip
    asked = " ".join(words)
    # No index has this order: a limit alone lets PostgreSQL read the table instead.
    likest_length: Any = Abs(Length("name_normalized") - len(asked))
    ordered = customers.filter(*near).order_by(likest_length, "pk")
    return dict(ordered.values_list("pk", "name_normalized")[:MOST_CANDIDATES])


def has_word(word: str) -> Q:
    """The name has the word; the index knows no one or two letters inside others.

    Han and kana are written without spaces: a given name of two letters ends a word.
    """
    if len(word) > 2:
        return Q(name_normalized__contains=word)
    found = Q(name_normalized__startswith=word)
    found |= Q(name_normalized__contains=f" {word}")
    if _WITHOUT_SPACES.fullmatch(word):
        found |= Q(name_normalized__endswith=word)
        found |= Q(name_normalized__contains=f"{word} ")
    return found


def _may_be_misspelt(word: str, least: int = LEAST_LETTERS) -> bool:
    return word.isalpha() and least <= len(word) <= MOST_LETTERS


def _near(word: str, is_beside: bool) -> Q:
    """The name has the word with a mistake; of a short one, beside a right word."""
    if is_beside and len(word) <= LEAST_LETTERS:
        return Q(name_normalized__regex=_short_pattern(word))
    return _nearly(word)


def _short_pattern(word: str) -> str:
    """A regular expression of whole words that are `word` with one mistake.

    Too short for the index of trigrams; compared in names that another word selected.
    """
    places = range(len(word))
    spelt = [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in places[:-1]]
    spelt += [word[:i] + "[^ ]" + word[i + 1 :] for i in places]
    spelt += [word[:i] + "[^ ]" + word[i:] for i in range(len(word) + 1)]
    if len(word) > LEAST_BESIDE:
        spelt += [word[:i] + word[i + 1 :] for i in places]
    return f"(^| )({'|'.join(dict.fromkeys(spelt))})( |$)"


def _nearly(word: str) -> Q:
    name: Any = F("name_normalized")
    found = has_word(word)
    for spelling in misspellings(word):
        for pattern in _patterns(spelling):
            found |= Q(Like(name, pattern))
    return found


def _patterns(spelling: str) -> tuple[str, ...]:
    """Long runs of letters select enough; others are looked for where words begin."""
    if any(len(run) > LEAST_LETTERS for run in spelling.split("_")):
        return (f"%{spelling}%",)
    return f"{spelling}%", f"% {spelling}%"


def misspellings(word: str) -> list[str]:
    """What may have been meant by `word`; `_` is any letter.

    Of four letters a pattern with one out would fit every third name.
    """
    places = range(len(word))
    found = [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in places[:-1]]
    found += [word[:i] + "_" + word[i:] for i in places[1:]]
    if len(word) > LEAST_LETTERS:
        found += [word[:i] + "_" + word[i + 1 :] for i in places]
        found += [word[:i] + word[i + 1 :] for i in places]
    return [spelling for spelling in dict.fromkeys(found) if spelling != word]


def similarity(one: str, other: str) -> float:
    """The share of trigrams that both have, as pg_trgm's function of that name."""
    first, second = _trigrams(one), _trigrams(other)
    return len(first & second) / len(first | second) if first | second else 0.0


def _trigrams(text: str) -> set[str]:
    """Three letters in a row, each word with two blanks before and one after."""
    padded = [f"  {word} " for word in text.split()]
    return {word[at : at + 3] for word in padded for at in range(len(word) - 2)}
