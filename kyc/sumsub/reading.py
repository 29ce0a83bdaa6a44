"""Read doubtful JSON: a value is of the type we expect, or it is absent."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

Json = Mapping[str, Any]

# The three styles of the provider; the two without a zone are UTC by its word.
# The stamp of every callback first.
_INSTANT_STYLES = (
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%d %H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S.%f%z",
    "%Y-%m-%d %H:%M:%S",
)
_INSTANT_LENGTH = 40


class UnreadableJsonError(ValueError):
    """The bytes are not one sound JSON document; the message says why."""


def strict_json(body: bytes) -> Any:
    """Parse UTF-8 JSON, refusing doubled names, NaN and absurd nesting.

    Raises UnreadableJsonError. Fractions come back as Decimal.
    """
    try:
        return json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_without_doubles,
            parse_float=Decimal,
            parse_constant=_refuse_constant,
        )
    except UnreadableJsonError:
        raise
    except RecursionError:
        raise UnreadableJsonError("it is nested too deeply") from None
    except UnicodeDecodeError:
        raise UnreadableJsonError("it is not UTF-8 text") from None
    except (ValueError, ArithmeticError):
        raise UnreadableJsonError("it is not JSON") from None


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers may pick different twins, so a doubled name is refused."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise UnreadableJsonError("it names a field twice")
    return members


def _refuse_constant(name: str) -> Any:
    raise UnreadableJsonError(f"it holds {name}")


def clean(text: str) -> str:
    """Drop what a UTF-8 database column refuses: NUL and lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8").strip()


def text(source: Json, name: str, limit: int = 500) -> str:
    """Return the cleaned string, cut at ``limit``, or ""; a whole number is text."""
    value = source.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if value.bit_length() < 256 else ""
    return clean(value)[:limit] if isinstance(value, str) else ""


def section(source: Json, name: str) -> Json:
    """Return the object under ``name``, or an empty one."""
    value = source.get(name)
    return value if isinstance(value, Mapping) else {}


def sections(source: Json, name: str, limit: int = 200) -> list[Json]:
    """Return the objects in the list under ``name``, leaving out all else."""
    value = source.get(name)
    if not isinstance(value, list):
        return []
    return [entry for entry in value[:limit] if isinstance(entry, Mapping)]


def texts(source: Json, name: str, limit: int = 100) -> tuple[str, ...]:
    """Return the cleaned, non-empty strings in the list under ``name``."""
    value = source.get(name)
    if not isinstance(value, list):
        return ()
    cleaned = (clean(entry)[:limit] for entry in value[:200] if isinstance(entry, str))
    return tuple(entry for entry in cleaned if entry)


def whole_number(source: Json, name: str) -> int | None:
    """Return a non-negative 32-bit integer, or None."""
    value = source.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value < 2**31 else None


def percentage(source: Json, name: str) -> Decimal | None:
    """Return a number between 0 and 100, or None."""
    value = source.get(name)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Decimal(value) if 0 <= value <= 100 else None


def day(source: Json, name: str) -> date | None:
    """Return the date of ``YYYY-MM-DD`` (a time behind it is ignored), or None."""
    value = source.get(name)
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value.strip()[:10])
    except ValueError:
        return None


def instant(source: Json, name: str) -> datetime | None:
    """Return the aware UTC instant in any of the provider's styles, or None."""
    value = source.get(name)
    if not isinstance(value, str) or len(value) > _INSTANT_LENGTH:
        return None
    return next(filter(None, (_instant(value, s) for s in _INSTANT_STYLES)), None)


def _instant(value: str, style: str) -> datetime | None:
    try:
        moment = datetime.strptime(value.strip().replace("T", " "), style)  # noqa: DTZ007 - the zone follows
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
