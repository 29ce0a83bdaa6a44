"""Postal addresses: what each line may hold."""

from collections.abc import Mapping

from common.errors import DomainError
from common.reading.countries import COUNTRIES
from common.text import clean

MOST_LINES, LONGEST_LINE = 4, 70  # characters; what an envelope takes
LONGEST: dict[str, int] = {"town": 80, "region": 80, "postcode": 16}


def clean_address(values: Mapping[str, str]) -> dict[str, str]:
    """Return lines, town, region, postcode and country, tidied. Raises DomainError."""
    cleaned = {"lines": _clean_lines(values.get("lines", ""))}
    for name, longest in LONGEST.items():
        text = " ".join(clean(values.get(name, "")).split())
        if len(text) > longest:
            raise _invalid(f"The {name} is longer than {longest} characters.", name)
        cleaned[name] = text
    country = clean(values.get("country", "")).upper()
    if country not in COUNTRIES:
        raise _invalid("Choose a country.", "country")
    if not cleaned["lines"]:
        raise _invalid("Give at least one line, e.g. street and number.", "lines")
    return {**cleaned, "country": country}


def _clean_lines(text: str) -> str:
    if len(text) > 2 * MOST_LINES * LONGEST_LINE:
        longest = MOST_LINES * LONGEST_LINE
        raise _invalid(f"The address is longer than {longest} characters.", "lines")
    tidied = [" ".join(clean(line).split()) for line in text.splitlines()]
    lines = [line for line in tidied if line]
    if len(lines) > MOST_LINES:
        raise _invalid(f"Write the address in at most {MOST_LINES} lines.", "lines")
    if any(len(line) > LONGEST_LINE for line in lines):
        message = f"Keep each line within {LONGEST_LINE} characters."
        raise _invalid(message, "lines")
    return "\n".join(lines)


def _invalid(message: str, place: str) -> DomainError:
    return DomainError(message, code="DATA_VALIDATION_FAILED", field=place)
