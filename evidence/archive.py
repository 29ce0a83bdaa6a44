"""The ZIP itself: entries streamed into it, each with its size and SHA-256."""

import base64
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import IO, Any
from uuid import UUID

from evidence.chapters import Entry, is_safe_path

# Documents are compressed by their own formats; squeezing them again costs time only.
_PACKED = zipfile.ZIP_STORED
_TEXT = zipfile.ZIP_DEFLATED
READABLE_BY_OWNER = 0o600 << 16  # where a ZIP keeps the rights of a Unix file
ROWS_AT_ONCE = 65_536  # bytes of JSON gathered before they are compressed


@dataclass(frozen=True, kw_only=True)
class Written:
    """One entry as the manifest lists it; `rows` is None for plain bytes."""

    path: str
    size: int
    sha256: str
    rows: int | None = None
    summary: tuple[tuple[str, str], ...] = field(default=())

    def listed(self) -> dict[str, Any]:
        known = asdict(self)
        del known["summary"]
        return {name: value for name, value in known.items() if value is not None}


class Archive:
    """Writes entries in the order given; no entry is ever whole in memory.

    `tell` is called now and then, so that whoever waits sees it live; it may raise to
    stop the work.
    """

    def __init__(
        self, file: IO[bytes], *, at: datetime, tell: Callable[[], None]
    ) -> None:
        self._zip = zipfile.ZipFile(file, "w", allowZip64=True)
        self._at = at.astimezone(UTC).timetuple()[:6]
        self._tell = tell
        self.written: list[Written] = []
        self._known: set[str] = set()

    def add(self, entry: Entry, *, folder: str = "") -> Written:
        """Raises ValueError for a path that is not safe or there already."""
        path = f"{folder}/{entry.path}" if folder else entry.path
        # Windows and macOS do not tell a.json from A.json.
        if not is_safe_path(path) or path.lower() in self._known:
            raise ValueError(f"{path} cannot be put into the ZIP.")
        self._known.add(path.lower())
        counted = _Counted(entry.rows) if entry.rows is not None else None
        chunks = _as_json(counted) if counted is not None else entry.content or ()
        size, digest = self._write(path, chunks, _PACKED if counted is None else _TEXT)
        written = Written(
            path=path,
            size=size,
            sha256=digest,
            rows=counted.count if counted is not None else None,
            summary=entry.summary,
        )
        self.written.append(written)
        return written

    def _write(
        self, path: str, chunks: Iterable[bytes], method: int
    ) -> tuple[int, str]:
        about = zipfile.ZipInfo(path, date_time=self._at)
        about.compress_type = method
        about.external_attr = READABLE_BY_OWNER
        size, digest = 0, hashlib.sha256()
        # The size is not known before: ZIP64 has to be chosen beforehand.
        with self._zip.open(about, "w", force_zip64=True) as place:
            for chunk in chunks:
                place.write(chunk)
                digest.update(chunk)
                size += len(chunk)
                self._tell()
        return size, digest.hexdigest()

    def close(self) -> None:
        self._zip.close()


class _Counted:
    """Counts what is taken from it."""

    def __init__(self, rows: Iterable[dict[str, Any]]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for row in self._rows:
            self.count += 1
            yield row


def _as_json(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """Write a JSON array, a row a line, some rows at a time."""
    gathered, begin = bytearray(b"["), b"\n"
    for row in rows:
        gathered += begin + json_bytes(row)
        begin = b",\n"
        if len(gathered) >= ROWS_AT_ONCE:
            yield bytes(gathered)
            gathered.clear()
    yield bytes(gathered + b"\n]\n")


def json_bytes(value: Any, *, indent: int | None = None) -> bytes:
    text = json.dumps(value, default=_plain, ensure_ascii=False, indent=indent)
    # Half a character, as a broken sender writes it, stays what JSON calls it.
    return text.encode(errors="backslashreplace")


def _plain(value: Any) -> Any:
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case UUID() | Decimal():
            return str(value)
        case bytes() | memoryview():
            return base64.b64encode(bytes(value)).decode()
    raise TypeError(f"{type(value).__name__} has no place in JSON.")
