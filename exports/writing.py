"""The file itself: a heading in words, a line for each row, nothing that runs."""

import csv
import io
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import IO, Any

from django.db.models import Model

from common.errors import DomainError
from common.lists.columns import Way
from common.lists.csv_cells import escaped
from documents.making.building import (
    LAST_PERCENT,
    LEASE,
    SavedProgress,
    WillNotBeMadeError,
)
from exports.lists import OpenList, open_list
from exports.models import Export
from tenants.models import User

Reader = Callable[[Any], Any]
DISPLAY = re.compile(r"get_(\w+)_display")


def write_export(file: IO[bytes], export: Export, progress: SavedProgress) -> None:
    """Write the list as who asked would see it now.

    Raises WillNotBeMadeError when they may not see it any more.
    """
    # Read anew: rights are those of this minute, not of when it was asked for.
    user = User.objects.get(pk=export.requested_by_id)
    try:
        if user.tenant_id != export.tenant_id:
            raise DomainError("Who asked for it works for another institution now.")
        opened = open_list(
            export.list_key, user, export.querystring, list(export.columns)
        )
    except DomainError as error:
        raise WillNotBeMadeError(error.message) from error
    total = opened.rows.order_by().count()
    progress.save(0, "Reading", lease=LEASE, rows_total=total, rows_done=0)
    done = write_rows(file, opened, progress, total=total, has_mark=export.has_mark)
    # More or fewer than counted: rows came and went meanwhile.
    progress.save(LAST_PERCENT, "Written", lease=LEASE, rows_done=done, rows_total=done)


def write_rows(
    file: IO[bytes], opened: OpenList, progress: SavedProgress, *, total: int,
    has_mark: bool,
) -> int:  # fmt: skip
    """Write heading and rows; how many rows."""
    encoding = "utf-8-sig" if has_mark else "utf-8"
    text = io.TextIOWrapper(file, encoding, "backslashreplace", newline="")
    writer = csv.writer(text)  # RFC 4180: CRLF, quotes doubled
    writer.writerow([escaped(heading) for heading, _ in opened.cells])
    readers = readers_of(opened)
    done = 0
    for chunk in opened.chunks():
        writer.writerows(line_of(row, readers) for row in chunk)
        done += len(chunk)
        share = min(done / total, 1) if total else 1
        step = f"{done:,} of {max(total, done):,} rows"
        progress.tell(share * LAST_PERCENT, step, rows_done=done)
    text.flush()
    text.detach()  # the file stays open for whoever stores it
    return done


def readers_of(opened: OpenList) -> list[Reader]:
    """How each cell is read from a row; worked out once, for very many rows."""
    model = opened.changelist.model
    return [_reader(way, model) for _, way in opened.cells]


def line_of(row: Any, readers: Sequence[Reader]) -> list[str]:
    return [escaped(as_text(read(row))) for read in readers]


def _reader(way: Way, model: type[Model]) -> Reader:
    """Follow `customer.public_id` or `get_status_display` from the row."""
    if not isinstance(way, str):
        return way
    if named := DISPLAY.fullmatch(way):
        return _choice(model._meta.get_field(named[1]))  # noqa: SLF001 - public
    names = way.split(".")

    def read(row: Any) -> Any:
        value = row
        for name in names:
            value = getattr(value, name) if value is not None else None
            value = value() if callable(value) else value
        return value

    return read


def _choice(field: Any) -> Reader:
    """As Django's own, which looks all the choices through for each row."""
    words = {code: str(label) for code, label in field.flatchoices}
    name = field.attname

    def read(row: Any) -> Any:
        value = getattr(row, name)
        return words.get(value, value)

    return read


def as_text(value: Any) -> str:
    """Days as 2026-11-12, instants as 2026-11-12T09:30:00Z, nothing as nothing."""
    match value:
        case str():  # most are
            return value
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        case date():
            return value.isoformat()
    return str(value)
