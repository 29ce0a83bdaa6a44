"""What the pack or the tier asks for and our file does not say."""

from collections.abc import Iterator

from common.reading.countries import COUNTRIES
from common.text import fold
from customers.quality.choices import Severity
from customers.quality.rules.board import Hit, spaced
from customers.quality.rules.files import CustomerFile, file_rule

# From this tier on a customer moves amounts that have to fit their living.
PROFILED_TIER = 2
# How people write countries whose name they do not spell out.
_SHORT = ("uk", "usa", "uae", "england", "scotland", "wales", "north macedonia")
_COUNTRIES = frozenset(
    [*map(fold, COUNTRIES.values()), *map(str.lower, COUNTRIES), *_SHORT]
)
_LONGEST = max(len(name.split()) for name in _COUNTRIES)


@file_rule(
    "missing_answers",
    title="Required answers are missing",
    says="The sector pack requires an answer that the file does not have.",
    advice="Ask the customer and fill the field in.",
    severity=Severity.MEDIUM,
    page="edit",
    words=spaced,
)
def missing_answers(file: CustomerFile) -> Iterator[Hit]:
    required = [key for key, is_required in file.sealed.asked if is_required]
    if missing := [key for key in required if not file.answers.get(key)]:
        yield Hit(file.customer_id, ",".join(missing))


@file_rule(
    "missing_profile",
    title="Profile does not explain the money",
    says="From tier 2 on we must know how an individual earns what goes through"
    " the account.",
    advice="Ask for employment and source of funds.",
    severity=Severity.LOW,
    page="profile",
    words=spaced,
)
def missing_profile(file: CustomerFile) -> Iterator[Hit]:
    sealed = file.sealed
    if sealed.is_individual and sealed.tier >= PROFILED_TIER:
        # Where money comes from; the other answers describe, but explain nothing.
        explaining = {
            "employment": sealed.employment,
            "source_of_funds": sealed.source_of_funds,
        }
        untold = [key for key, answer in explaining.items() if not answer]
        # What the pack asks is not missed here, but by the rule above.
        if missing := [key for key in untold if key not in file.asked]:
            yield Hit(file.customer_id, ",".join(missing))


@file_rule(
    "address_without_country",
    title="Address without a country",
    says="No address on file says in which country it is, so letters and reports"
    " cannot rely on it.",
    advice="Add the address with its country under the contacts.",
    severity=Severity.LOW,
)
def address_without_country(file: CustomerFile) -> Iterator[Hit]:
    """An address of the contacts has a column for it; the pack’s is free text."""
    held = set(file.sealed.countries)
    text = str(file.answers.get("address") or "")
    if held & COUNTRIES.keys() or (not held and not text):
        return
    if not names_country(text):
        yield Hit(file.customer_id, value=text)


def names_country(text: str) -> bool:
    """Whether a free text names a country, at its end or within."""
    words = fold(text).split()
    return any(
        " ".join(words[start : start + length]) in _COUNTRIES
        for length in range(1, _LONGEST + 1)
        for start in range(len(words) - length + 1)
    )
