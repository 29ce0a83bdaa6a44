"""Read and validate sector packs; a broken one is refused with one clear line."""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from tenants.packs.catalogues import read_letters, read_risk, read_routing
from tenants.packs.forms import read_entity_types
from tenants.packs.reading import KEY, Reader
from tenants.packs.shapes import (
    CUSTOMER_TYPES,
    ENTITY_TYPES,
    RISK_GROUPS,
    BrokenPackError,
    EntityType,
    Pack,
    PackField,
    RiskFactor,
    Route,
)

__all__ = [
    "CUSTOMER_TYPES", "ENTITY_TYPES", "RISK_GROUPS", "BrokenPackError", "EntityType",
    "Pack", "PackField", "RiskFactor", "Route", "load_packs", "read_pack",
]  # fmt: skip

FOLDER = Path(__file__).parent
OWN = ("name", "title", "version", "extends")
# What a pack may take over from the one it extends, part by part.
INHERITED = ("entity_types", "risk", "letters")
KNOWN = (*OWN, *INHERITED, "routing")


@lru_cache(maxsize=1)
def load_packs() -> dict[str, Pack]:
    """Return every pack of the folder by name. Raises BrokenPackError."""
    packs = [read_pack(path) for path in sorted(FOLDER.glob("*.toml"))]
    return {pack.name: pack for pack in packs}


def read_pack(path: Path) -> Pack:
    """Read one pack file, and those it extends. Raises BrokenPackError."""
    return _pack(path, _whole(path, ()))


def _pack(path: Path, raw: dict[str, Any]) -> Pack:
    reader = Reader(path.name)
    reader.only(raw, KNOWN, "")
    return Pack(
        name=reader.text(raw, "name", ""),
        title=reader.text(raw, "title", ""),
        version=reader.positive(raw, "version", ""),
        entity_types=read_entity_types(reader, raw),
        risk=read_risk(reader, raw),
        letters=read_letters(reader, raw),
        routing=read_routing(reader, raw),
    )


def _whole(path: Path, below: tuple[str, ...]) -> dict[str, Any]:
    """The tables of a file, with what it takes over; `below` are those that ask."""
    raw = _tables(path)
    if "extends" not in raw:
        return raw
    reader = Reader(path.name)
    extends = reader.table(raw, "extends", "")
    reader.only(extends, ("pack", "version"), "extends.")
    name = reader.text(extends, "pack", "extends.")
    version = reader.positive(extends, "version", "extends.")
    if name in (*below, path.stem):
        circle = " → ".join((*below, path.stem, name))
        raise reader.broken("extends.pack", f"goes in a circle: {circle}")
    parent = path.parent / f"{name}.toml"
    if not KEY.fullmatch(name) or not parent.is_file():
        raise reader.broken("extends.pack", f"is an unknown “{name}”")
    base = _whole(parent, (*below, path.stem))
    # What is wrong there is said of that file, not of this one.
    found = _pack(parent, base).version
    if found != version:
        problem = f"is {version}, but {name} is at {found}: look at its changes"
        raise reader.broken("extends.version", problem)
    return _merged(reader, raw, base)


def _tables(path: Path) -> dict[str, Any]:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        line = " ".join(str(error).split())
        raise BrokenPackError(f"Pack {path.name}: not TOML: {line}") from error
    reader = Reader(path.name)
    name = reader.text(raw, "name", "")
    if name != path.stem:
        raise reader.broken("name", f"is “{name}”, not the file's name")
    return raw


def _merged(
    reader: Reader, raw: dict[str, Any], base: dict[str, Any]
) -> dict[str, Any]:
    """Each legal form, group of factors and letter named here replaces the other's."""
    whole = dict(raw)
    for part in INHERITED:
        own = reader.table(raw, part, "") if part in raw else {}
        whole[part] = {**base[part], **own}
    return whole
