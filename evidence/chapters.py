"""The board on which apps above and below put their chapter of the evidence pack."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from common.text import fold
from customers.registry.models import Customer
from tenants.models import User

LONGEST_PATH = 180  # characters; Windows refuses more than 260, folder and all
# Letters, digits, dot, hyphen and underscore; no dot at either end of a name.
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?")
# Names that Windows keeps for devices, whatever stands behind the dot.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)
PAGE = 200  # rows read at once


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One file of a chapter: either `content`, in chunks, or `rows`, a JSON array.

    `path` is relative to the chapter's folder. `share` says how far it brings the
    chapter, from 0 to 1. `summary` is said in the PDF, as caption and words.
    """

    path: str
    content: Iterable[bytes] | None = None
    rows: Iterable[dict[str, Any]] | None = None
    share: float = 0
    summary: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not is_safe_path(self.path):
            raise ValueError(f"Not a path to put into a ZIP: {self.path!r}")
        if (self.content is None) == (self.rows is None):
            raise ValueError(f"{self.path} needs content or rows, not both.")


Provider = Callable[[Customer], Iterator[Entry]]


@dataclass(frozen=True)
class Chapter:
    """`key` is the folder inside the ZIP."""

    key: str
    title: str
    order: int
    provider: Provider


_chapters: dict[str, Chapter] = {}


def chapter(key: str, title: str, *, order: int) -> Callable[[Provider], Provider]:
    """Put what the provider yields into every pack, in its own order, under `key`."""
    if not is_safe_path(key) or "/" in key:
        raise ValueError(f"Not a folder to put into a ZIP: {key!r}")

    def register(provider: Provider) -> Provider:
        known = _chapters.setdefault(key, Chapter(key, title, order, provider))
        if known.provider is not provider:
            raise TypeError(f"Two chapters are named {key}.")
        return provider

    return register


def chapters() -> list[Chapter]:
    return sorted(_chapters.values(), key=lambda each: (each.order, each.key))


def is_safe_path(path: str) -> bool:
    """Tell whether every system unpacks it below the folder it is unpacked in."""
    return len(path) <= LONGEST_PATH and all(
        _NAME.fullmatch(name) and not _DEVICE.match(name) for name in path.split("/")
    )


def safe_name(text: str, *, longest: int = 60) -> str:
    """Write a name that somebody typed so that it may stand in a path.

    Behind a number and a hyphen only: by itself it may be empty or a device's.
    """
    plain = fold(text).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:longest].strip("-")


def in_pages(rows: QuerySet[Any], *, size: int = PAGE) -> Iterator[Any]:
    """Yield rows in the order of their keys, some at a time.

    No cursor stays open meanwhile: SQLite refuses to write beside an old one.
    """
    ordered = rows.order_by("pk")
    page = list(ordered[:size])
    while page:
        yield from page
        page = list(ordered.filter(pk__gt=page[-1].pk)[:size])


def columns_of(row: Model, *, without: Iterable[str] = ()) -> dict[str, Any]:
    """Return every column of a row, encrypted ones in the clear."""
    left_out = set(without)
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields  # noqa: SLF001 - Django's way to columns
        if field.name not in left_out
    }


def person(user: User | None) -> dict[str, str] | None:
    """Say who did something, so that nobody has to look up an id."""
    if user is None:
        return None
    return {"id": str(user.pk), "login": user.username, "name": str(user)}
