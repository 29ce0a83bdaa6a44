"""Read what a pack lists besides its forms: risk factors, letters, routing."""

from typing import Any

from tenants.packs.reading import KEY, Reader
from tenants.packs.shapes import (
    ENTITY_TYPES,
    LETTERS,
    OUTCOMES,
    PAYMENTS,
    RISK_GROUPS,
    RISK_RATINGS,
    RiskFactor,
    Route,
)

FACTOR_KEYS = ("key", "label", "help", "ratings", "by_index")
ROUTE_KEYS = ("key", "entity_types", "payment", "outcome", "help")


def read_risk(reader: Reader, raw: dict[str, Any]) -> tuple[RiskFactor, ...]:
    """Every factor, group by group; each group has one at least."""
    groups = reader.table(raw, "risk", "")
    for group in groups:
        if group not in RISK_GROUPS:
            raise reader.broken(f"risk.{group}", "is not a group of risk factors")
    factors: list[RiskFactor] = []
    for group in RISK_GROUPS:
        place = f"risk.{group}"
        found = reader.tables(groups.get(group), place)
        if not found:
            raise reader.broken(place, "must name a factor")
        factors += [_factor(reader, item, group) for item in found]
    # Answers are kept by key, so a key stands once in the whole catalogue.
    reader.once([factor.key for factor in factors], "risk")
    return tuple(factors)


def _factor(reader: Reader, raw: dict[str, Any], group: str) -> RiskFactor:
    place = f"risk.{group}"
    key = reader.key(raw, place)
    here = f"{place}.{key}."
    reader.only(raw, FACTOR_KEYS, here)
    ratings = reader.words(raw, "ratings", here, RISK_RATINGS)
    if len(ratings) < 2:
        raise reader.broken(here + "ratings", "must leave a choice")
    by_index = reader.truth(raw, "by_index", here, default=False)
    if by_index and group != "countries":
        raise reader.broken(here + "by_index", "belongs to group “countries”")
    if by_index and not {"high", "medium", "low"} <= set(ratings):
        raise reader.broken(here + "ratings", "must have all that the index may give")
    return RiskFactor(
        key=key,
        group=group,
        label=reader.text(raw, "label", here),
        help=reader.text(raw, "help", here),
        ratings=tuple(rating for rating in RISK_RATINGS if rating in ratings),
        by_index=by_index,
    )


def read_letters(reader: Reader, raw: dict[str, Any]) -> dict[str, str]:
    """The key of a template for each reason to end a relationship."""
    letters = reader.table(raw, "letters", "")
    reader.only(letters, LETTERS, "letters.")
    found = {reason: reader.text(letters, reason, "letters.") for reason in LETTERS}
    for reason, key in found.items():
        if not KEY.fullmatch(key):
            raise reader.broken(f"letters.{reason}", "must be lower_snake_case")
    return found


def read_routing(reader: Reader, raw: dict[str, Any]) -> tuple[Route, ...]:
    """Payments that are not served here; a pack may have none."""
    routes = tuple(
        _route(reader, item)
        for item in reader.tables(raw.get("routing", []), "routing")
    )
    reader.once([route.key for route in routes], "routing")
    return routes


def _route(reader: Reader, raw: dict[str, Any]) -> Route:
    key = reader.key(raw, "routing")
    here = f"routing.{key}."
    reader.only(raw, ROUTE_KEYS, here)
    return Route(
        key=key,
        entity_types=reader.words(raw, "entity_types", here, ENTITY_TYPES),
        payment=reader.word(raw, "payment", here, PAYMENTS),
        outcome=reader.word(raw, "outcome", here, OUTCOMES),
        help=reader.text(raw, "help", here),
    )
