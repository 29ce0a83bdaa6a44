"""Read and validate sector packs; a broken one is refused with one clear line."""

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

FOLDER = Path(__file__).parent
FIELD_TYPES = frozenset({"text", "date", "country", "choice"})
ENTITY_TYPES = [
    "individual",
    "body_corporate",
    "trust",
    "partnership",
    "unincorporated_association",
    "registered_foreign_company",
    "government_body",
]
CUSTOMER_TYPES = [
    "INDIVIDUAL",
    "GOVERNMENT_ENTITY",
    "PRIVATE_COMPANY",
    "BANK",
    "FINANCIAL_INSTITUTION",
    "FOREIGN_AGENCY_OR_SUBSIDIARY",
    "NON_DOMICILED_COMPANY",
]
DOCUMENT_KINDS = frozenset(
    [
        "id",
        "address_proof",
        "income_proof",
        "business_registration",
        "trust_deed",
        "other",
    ]
)


@dataclass(frozen=True)
class PackField:
    """One question of an entity type's form; `pattern` must match the whole answer."""

    key: str
    label: str
    type: str
    required: bool = False
    pattern: str = ""
    help: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class EntityType:
    key: str
    label: str
    customer_types: tuple[str, ...]
    fields: tuple[PackField, ...]
    documents: tuple[str, ...]
    ownership_required: bool
    ownership_threshold: int | None


@dataclass(frozen=True)
class Pack:
    name: str
    title: str
    version: int
    entity_types: dict[str, EntityType]


class BrokenPackError(ImproperlyConfigured):
    """The file, the place in it, and what is wrong with it, in one line."""


@lru_cache(maxsize=1)
def load_packs() -> dict[str, Pack]:
    """Return every pack of the folder by name. Raises BrokenPackError."""
    packs = [read_pack(path) for path in sorted(FOLDER.glob("*.toml"))]
    return {pack.name: pack for pack in packs}


def read_pack(path: Path) -> Pack:
    """Read one pack file. Raises BrokenPackError."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BrokenPackError(f"Pack {path.name}: not TOML: {error}") from error
    reader = _Reader(path.name)
    name = reader.text(raw, "name", "")
    if name != path.stem:
        raise reader.broken("name", f"is “{name}”, not the file's name")
    types = reader.table(raw, "entity_types", "")
    reader.only(raw, {"name", "title", "version", "entity_types"}, "")
    return Pack(
        name=name,
        title=reader.text(raw, "title", ""),
        version=reader.positive(raw, "version", ""),
        entity_types={key: reader.entity_type(key, types[key]) for key in types},
    )


class _Reader:
    """Checks each value where it is read and names the place when it is wrong."""

    def __init__(self, file: str) -> None:
        self.file = file

    def broken(self, place: str, problem: str) -> BrokenPackError:
        return BrokenPackError(f"Pack {self.file}: {place} {problem}.")

    def text(self, table: dict[str, Any], key: str, place: str) -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.broken(f"{place}{key}", "must be a text")
        return value

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

    def words(
        self, table: dict[str, Any], key: str, place: str, allowed: set[str]
    ) -> tuple[str, ...]:
        values = table.get(key)
        if not isinstance(values, list) or not values:
            raise self.broken(f"{place}{key}", "must be a list")
        for value in values:
            if not isinstance(value, str) or value not in allowed:
                raise self.broken(f"{place}{key}", f"has an unknown “{value}”")
        return tuple(values)

    def only(self, table: dict[str, Any], allowed: set[str], place: str) -> None:
        for key in table:
            if key not in allowed:
                raise self.broken(f"{place}{key}", "is not a known key")

    def entity_type(self, key: str, raw: Any) -> EntityType:
        place = f"entity_types.{key}."
        if key not in ENTITY_TYPES or not isinstance(raw, dict):
            raise self.broken(f"entity_types.{key}", "is not an entity type")
        self.only(
            raw, {"label", "customer_types", "ownership", "documents", "fields"}, place
        )
        ownership = self.table(raw, "ownership", place)
        self.only(ownership, {"required", "threshold"}, f"{place}ownership.")
        required = self.truth(ownership, "required", f"{place}ownership.")
        fields = raw.get("fields")
        if not isinstance(fields, list):
            raise self.broken(f"{place}fields", "must be a list")
        return EntityType(
            key=key,
            label=self.text(raw, "label", place),
            customer_types=self.words(
                raw, "customer_types", place, set(CUSTOMER_TYPES)
            ),
            fields=self.fields(fields, place),
            documents=self.words(raw, "documents", place, set(DOCUMENT_KINDS)),
            ownership_required=required,
            ownership_threshold=self.threshold(ownership, required, place),
        )

    def threshold(
        self, ownership: dict[str, Any], required: bool, place: str
    ) -> int | None:
        if not required:
            return None
        value = self.positive(ownership, "threshold", f"{place}ownership.")
        if value > 100:
            raise self.broken(f"{place}ownership.threshold", "is above 100")
        return value

    def fields(self, raw: list[Any], place: str) -> tuple[PackField, ...]:
        fields = tuple(self.field(item, f"{place}fields") for item in raw)
        keys = [field.key for field in fields]
        for key in keys:
            if keys.count(key) > 1:
                raise self.broken(f"{place}fields", f"names “{key}” twice")
        return fields

    def field(self, raw: Any, place: str) -> PackField:
        if not isinstance(raw, dict):
            raise self.broken(place, "must hold tables")
        key = self.text(raw, "key", f"{place}.")
        here = f"{place}.{key}."
        self.only(
            raw,
            {"key", "label", "type", "required", "pattern", "help", "choices"},
            here,
        )
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", key):
            raise self.broken(here + "key", "must be lower_snake_case")
        kind = self.text(raw, "type", here)
        if kind not in FIELD_TYPES:
            raise self.broken(here + "type", f"is an unknown “{kind}”")
        choices = raw.get("choices", [])
        if not isinstance(choices, list) or not all(
            isinstance(c, str) for c in choices
        ):
            raise self.broken(here + "choices", "must be a list of texts")
        if (kind == "choice") != bool(choices):
            raise self.broken(
                here + "choices", "belong to type “choice” and only there"
            )
        return PackField(
            key=key,
            label=self.text(raw, "label", here),
            type=kind,
            required=self.truth(raw, "required", here, default=False),
            pattern=self.pattern(raw.get("pattern", ""), here),
            help=self.text(raw, "help", here) if "help" in raw else "",
            choices=tuple(choices),
        )

    def pattern(self, pattern: Any, here: str) -> str:
        try:
            re.compile(pattern)
        except (re.error, TypeError) as error:
            raise self.broken(here + "pattern", f"is no pattern: {error}") from error
        return str(pattern)
