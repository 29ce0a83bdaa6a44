"""Two values of a field side by side: which words differ, and how, in words."""

import re
from collections.abc import Iterable
from datetime import date
from difflib import SequenceMatcher

from common.face import day
from common.reading.countries import country_name
from common.text import fold

# Shown by their last four only: staff compare, they need not read.
MASKED = frozenset(["id_number", "tax_number"])
_DATES = frozenset(["birth_date", "incorporated_on"])
_COUNTRIES = frozenset(["nationality", "country"])
_PARTS_OF_ADDRESS = frozenset(
    [
        "apartment", "apt", "block", "building", "flat", "floor", "house", "number",
        "room", "suite", "unit",
    ]
)  # fmt: skip

Parts = list[tuple[str, bool]]


def shown(field: str, value: str) -> str:
    """Write a value as staff may see it: masked, as "3 Apr 1991", or as "Ghana"."""
    if not value:
        return ""
    if field in MASKED:
        return f"ending {value[-4:]}" if len(value) > 6 else "a short number"
    if field in _DATES and (on := _date(value)):
        return day(on)
    return country_name(value) if field in _COUNTRIES else value


def parts(field: str, ours: str, theirs: str) -> tuple[Parts, Parts]:
    """Split both values into runs of words: (text, whether it differs)."""
    left, right = shown(field, ours).split(), shown(field, theirs).split()
    matcher = SequenceMatcher(
        None, [_key(w) for w in left], [_key(w) for w in right], autojunk=False
    )
    blocks = matcher.get_opcodes()
    return (
        _runs((left[a:b], kind != "equal") for kind, a, b, _, _ in blocks),
        _runs((right[c:d], kind != "equal") for kind, _, _, c, d in blocks),
    )


def _key(word: str) -> str:
    return fold(word) or word


def _runs(pieces: Iterable[tuple[list[str], bool]]) -> Parts:
    return [(" ".join(words), differs) for words, differs in pieces if words]


def what_differs(field: str, ours: str, theirs: str) -> str:
    """Say it where a simple rule knows; else only that it does."""
    if field in MASKED:
        same_end = ours[-4:] == theirs[-4:]
        return "differs before the last four" if same_end else "ends differently"
    if field in _DATES:
        return _of_dates(_date(ours), _date(theirs))
    words = fold(ours).split(), fold(theirs).split()
    if field == "name":
        return _of_names(*words)
    if field == "address":
        return _of_addresses(*words)
    return "differs"


def _of_dates(ours: date | None, theirs: date | None) -> str:
    if ours is None or theirs is None:
        return "differs"
    if (ours.year, ours.month, ours.day) == (theirs.year, theirs.day, theirs.month):
        return "day and month swapped"
    differing = [
        name
        for name in ("day", "month", "year")
        if getattr(ours, name) != getattr(theirs, name)
    ]
    if len(differing) == 1:
        return f"another {differing[0]}"
    return "another date"


def _of_names(ours: list[str], theirs: list[str]) -> str:
    missing, more = _only_in(ours, theirs), _only_in(theirs, ours)
    if more and not missing:
        return _counted(len(more), "more name")
    if missing and not more:
        return f"{_counted(len(missing), 'name')} missing"
    if len(missing) == len(more) == 1 and _is_close(missing[0], more[0]):
        return "one name spelled differently"
    if len(missing) == len(more) == 1:
        return "one name differs"
    return "differs"


def _of_addresses(ours: list[str], theirs: list[str]) -> str:
    missing, more = _only_in(ours, theirs), _only_in(theirs, ours)
    if missing and not more:
        return f"{_piece(missing)} missing"
    if more and not missing:
        return f"{_piece(more)} added"
    numbers = [w for w in missing + more if any(c.isdigit() for c in w)]
    if len(missing) == len(more) == 1 and len(numbers) == 2:
        return "another number"
    return "differs"


def _piece(words: list[str]) -> str:
    """Name what is missing: "flat" of "flat 4", else how many words."""
    named = next((word for word in words if word in _PARTS_OF_ADDRESS), "")
    return named or _counted(len(words), "word")


def _only_in(here: list[str], there: list[str]) -> list[str]:
    rest = list(there)
    only = []
    for word in here:
        if word in rest:
            rest.remove(word)
        else:
            only.append(word)
    return only


def _counted(number: int, noun: str) -> str:
    return f"one {noun}" if number == 1 else f"{number} {noun}s"


def _is_close(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= 0.75


def _date(value: str) -> date | None:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
