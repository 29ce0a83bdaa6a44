"""Checks each value of a pack where it is read and names the place when it is wrong."""

import re
from collections.abc import Collection
from typing import Any

from tenants.packs.shapes import BrokenPackError

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Reader:
    """Reads the values of one file."""

    def __init__(self, file: str) -> None:
        self.file = file

    def broken(self, place: str, problem: str) -> BrokenPackError:
        return BrokenPackError(f"Pack {self.file}: {place} {problem}.")

    def text(self, table: dict[str, Any], key: str, place: str) -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.broken(f"{place}{key}", "must be a text")
        return value

    def key(self, table: dict[str, Any], place: str) -> str:
        """The `key` of a table in a list; the place of its other values follows it."""
        key = self.text(table, "key", f"{place}.")
        if not KEY.fullmatch(key):
            raise self.broken(f"{place}.{key}.key", "must be lower_snake_case")
        return key

    def positive(self, table: dict[str, Any], key: str, place: str) -> int:
        value = table.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.broken(f"{place}{key}", "must be a whole number above 0")
        return value

    def truth(
        self, table: dict[str, Any], key: str, place: str, default: Any = None
    ) -> bool:
        value = table.get(key, default)
        if not isinstance(value, bool):
            raise self.broken(f"{place}{key}", "must be true or false")
        return value

    def table(self, table: dict[str, Any], key: str, place: str) -> dict[str, Any]:
        value = table.get(key)
        if not isinstance(value, dict) or not value:
            raise self.broken(f"{place}{key}", "must be a table")
        return value

    def tables(self, raw: Any, place: str) -> list[dict[str, Any]]:
        """A list of tables; it may be empty."""
        if not isinstance(raw, list):
            raise self.broken(place, "must be a list")
        for item in raw:
            if not isinstance(item, dict):
                raise self.broken(place, "must hold tables")
        return raw

    def word(
        self, table: dict[str, Any], key: str, place: str, allowed: Collection[str]
    ) -> str:
        value = self.text(table, key, place)
        if value not in allowed:
            raise self.broken(f"{place}{key}", f"is an unknown “{value}”")
        return value

    def words(
        self, table: dict[str, Any], key: str, place: str, allowed: Collection[str]
    ) -> tuple[str, ...]:
        values = table.get(key)
        if not isinstance(values, list) or not values:
            raise self.broken(f"{place}{key}", "must be a list")
        for value in values:
            if not isinstance(value, str) or value not in allowed:
                raise self.broken(f"{place}{key}", f"has an unknown “{value}”")
        self.once(values, f"{place}{key}")
        return tuple(values)

    def once(self, names: list[str], place: str) -> None:
        for name in names:
            if names.count(name) > 1:
                raise self.broken(place, f"names “{name}” twice")

    def only(self, table: dict[str, Any], allowed: Collection[str], place: str) -> None:
        for key in table:
            if key not in allowed:
                raise self.broken(f"{place}{key}", "is not a known key")
