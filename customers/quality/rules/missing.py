"""What the pack or the tier asks for and our file does not say."""

from collections.abc import Iterator

from common.reading.countries import COUNTRIES
from common.text import fold
from customers.contacts.models import Address
from customers.quality.choices import Severity
from customers.quality.rules.board import Hit, Scope, rule, spaced

# From this tier on a customer moves amounts that have to fit their living.
PROFILED_TIER = 2
# What tells where money comes from; the other answers describe, but explain nothing.
EXPLAINING = ("employment", "source_of_funds")
# How people write countries whose name they do not spell out.
_SHORT = ("uk", "usa", "uae", "england", "scotland", "wales", "north macedonia")
_COUNTRIES = frozenset(
    [*map(fold, COUNTRIES.values()), *map(str.lower, COUNTRIES), *_SHORT]
)
_LONGEST = max(len(name.split()) for name in _COUNTRIES)


@rule(
    "missing_answers",
    title="Required answers are missing",
    says="The sector pack requires an answer that the file does not have.",
    advice="Ask the customer and fill the field in.",
    severity=Severity.MEDIUM,
    page="edit",
    words=spaced,
)
def missing_answers(scope: Scope) -> Iterator[Hit]:
    for customer in scope.read:
        fields = customer.pack_form.fields
        asked = [field.key for field in fields if field.required]
        if missing := [key for key in asked if not customer.details.get(key)]:
            yield Hit(customer.pk, ",".join(missing))


@rule(
    "missing_profile",
    title="Profile does not explain the money",
    says="From tier 2 on we must know how an individual earns what goes through"
    " the account.",
    advice="Ask for employment and source of funds.",
    severity=Severity.LOW,
    page="profile",
    words=spaced,
)
def missing_profile(scope: Scope) -> Iterator[Hit]:
    for customer in scope.read:
        if customer.is_individual and customer.tier >= PROFILED_TIER:
            profile = getattr(customer, "profile", None)
            in_pack = {field.key for field in customer.pack_form.fields}
            asked = [key for key in EXPLAINING if key not in in_pack]
            missing = [key for key in asked if not getattr(profile, key, "")]
            if missing:
                yield Hit(customer.pk, ",".join(missing))


@rule(
    "address_without_country",
    title="Address without a country",
    says="No address on file says in which country it is, so letters and reports"
    " cannot rely on it.",
    advice="Add the address with its country under the contacts.",
    severity=Severity.LOW,
)
def address_without_country(scope: Scope) -> Iterator[Hit]:
    """An address of the contacts has a column for it; the pack’s is free text."""
    rows = scope.of(Address.objects.for_tenant(scope.tenant.pk).living())
    countries: dict[object, set[str]] = {}
    for customer_id, country in rows.values_list("customer_id", "country"):
        countries.setdefault(customer_id, set()).add(country)
    for customer in scope.read:
        held = countries.get(customer.pk, set())
        text = str(customer.details.get("address") or "")
        if held & COUNTRIES.keys() or (not held and not text):
            continue
        if not names_country(text):
            yield Hit(customer.pk, value=text)


def names_country(text: str) -> bool:
    """Whether a free text names a country, at its end or within."""
    words = fold(text).split()
    return any(
        " ".join(words[start : start + length]) in _COUNTRIES
        for length in range(1, _LONGEST + 1)
        for start in range(len(words) - length + 1)
    )
