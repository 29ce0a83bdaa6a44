"""Read the legal forms of a pack: who is served, what is asked, who owns them."""

import re
from typing import Any

from tenants.packs.patterns import UnsafePatternError, refuse_unsafe
from tenants.packs.reading import Reader
from tenants.packs.shapes import (
    CUSTOMER_TYPES,
    DOCUMENT_KINDS,
    ENTITY_TYPES,
    FIELD_TYPES,
    EntityType,
    PackField,
)

FORM_KEYS = ("label", "customer_types", "ownership", "documents", "fields")
FIELD_KEYS = ("key", "label", "type", "required", "pattern", "help", "choices")


def read_entity_types(reader: Reader, raw: dict[str, Any]) -> dict[str, EntityType]:
    types = reader.table(raw, "entity_types", "")
    return {key: _entity_type(reader, key, types[key]) for key in types}


def _entity_type(reader: Reader, key: str, raw: Any) -> EntityType:
    place = f"entity_types.{key}."
    if key not in ENTITY_TYPES or not isinstance(raw, dict):
        raise reader.broken(f"entity_types.{key}", "is not an entity type")
    reader.only(raw, FORM_KEYS, place)
    ownership = reader.table(raw, "ownership", place)
    reader.only(ownership, ("required", "threshold"), f"{place}ownership.")
    required = reader.truth(ownership, "required", f"{place}ownership.")
    return EntityType(
        key=key,
        label=reader.text(raw, "label", place),
        customer_types=reader.words(raw, "customer_types", place, CUSTOMER_TYPES),
        fields=_fields(reader, raw.get("fields"), f"{place}fields"),
        documents=reader.words(raw, "documents", place, DOCUMENT_KINDS),
        ownership_required=required,
        ownership_threshold=_threshold(reader, ownership, required, place),
    )


def _threshold(
    reader: Reader, ownership: dict[str, Any], required: bool, place: str
) -> int | None:
    if not required:
        return None
    value = reader.positive(ownership, "threshold", f"{place}ownership.")
    if value > 100:
        raise reader.broken(f"{place}ownership.threshold", "is above 100")
    return value


def _fields(reader: Reader, raw: Any, place: str) -> tuple[PackField, ...]:
    fields = tuple(_field(reader, item, place) for item in reader.tables(raw, place))
    reader.once([field.key for field in fields], place)
    return fields


def _field(reader: Reader, raw: dict[str, Any], place: str) -> PackField:
    key = reader.key(raw, place)
    here = f"{place}.{key}."
    reader.only(raw, FIELD_KEYS, here)
    kind = reader.word(raw, "type", here, FIELD_TYPES)
    return PackField(
        key=key,
        label=reader.text(raw, "label", here),
        type=kind,
        required=reader.truth(raw, "required", here, default=False),
        pattern=_pattern(reader, raw.get("pattern", ""), here),
        help=reader.text(raw, "help", here) if "help" in raw else "",
        choices=_choices(reader, raw.get("choices", []), kind, here),
    )


def _choices(reader: Reader, raw: Any, kind: str, here: str) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(each, str) for each in raw):
        raise reader.broken(here + "choices", "must be a list of texts")
    if (kind == "choice") != bool(raw):
        raise reader.broken(here + "choices", "belong to type “choice” and only there")
    reader.once(raw, here + "choices")
    return tuple(raw)


def _pattern(reader: Reader, pattern: Any, here: str) -> str:
    if not isinstance(pattern, str):
        raise reader.broken(here + "pattern", "is no pattern: it is no text")
    try:
        refuse_unsafe(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        line = " ".join(str(error).split())
        raise reader.broken(here + "pattern", f"is no pattern: {line}") from error
    except UnsafePatternError as error:
        raise reader.broken(here + "pattern", f"is refused: {error}") from error
    return pattern
