"""ID and registration numbers, which stand encrypted, by a keyed blind index."""

from collections.abc import Mapping

from common.blind_index import blind_index
from customers.registry.search.reading import folded_code

# Answers of the packs' forms that are such a number; the first that is given counts.
KINDS = ("id_number", "registration_number")


def index_of(kind: str, number: str) -> str:
    code = folded_code(number)
    return blind_index(f"customer {kind}", code) if code else ""


def index_in(details: Mapping[str, object]) -> str:
    """The index of the number that the answers name; "" when they name none."""
    for kind in KINDS:
        if index := index_of(kind, str(details.get(kind) or "")):
            return index
    return ""


def indexes_of(code: str) -> list[str]:
    """What to look for when somebody typed `code`: it may be of either kind."""
    return [index_of(kind, code) for kind in KINDS] if code else []
