"""Keys: UUIDs that sort by time, and numbers that can be read over the phone."""

from typing import Any
from uuid import UUID

import uuid6
from django.db import models
from stdnum import damm


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562), so that indexes stay local."""
    return UUID(int=uuid6.uuid7().int)


class KeyField(models.UUIDField):  # type: ignore[type-arg]
    """A UUIDv7 made by us; migrations see a plain UUIDField without our default."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"default": new_id, "editable": False, **kwargs})

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _, args, kwargs = super().deconstruct()
        kwargs.pop("default", None)
        return name, "django.db.models.UUIDField", args, kwargs


def spoken_number(sequence: int) -> str:
    """Write a sequence number as `1000-0048`: the last digit checks the others.

    The Damm digit finds every wrong digit and every swap of neighbours.
    """
    digits = f"{sequence:07d}"
    digits += str(damm.calc_check_digit(digits))
    return written_number(digits)


def is_spoken_number(text: str) -> bool:
    """Tell whether `text` is such a number with the right check digit."""
    digits = _digits(text)
    if len(digits) < 8 or not (digits.isascii() and digits.isdigit()):
        return False
    return bool(damm.is_valid(digits))


def written_number(text: str) -> str:
    """Write such a number as it is stored: `1000 0048` -> `1000-0048`."""
    digits = _digits(text)
    return f"{digits[:-4]}-{digits[-4:]}"


def _digits(text: str) -> str:
    return text.replace("-", "").replace(" ", "")
