"""A dictionary as a CSV file: columns code, label, order, active; every error told.

Labels that a spreadsheet would run as a formula get a leading apostrophe (OWASP,
“CSV Injection”), which reading takes off again.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from common.errors import DomainError
from common.lists.csv_cells import escaped, unescaped
from customers.registry.dictionaries.entries import (
    MAX_ENTRIES,
    EntryRow,
    check_order,
    clean_code,
    clean_label,
)
from customers.registry.models import DictionaryEntry

COLUMNS = ("code", "label", "order", "active")
MAX_BYTES = 10 * 1024**2
_TRUTH = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True)
class CellError:
    """`row` as a spreadsheet counts it, the heading being 1; `column` may be ""."""

    row: int
    column: str
    problem: str


def write_entries(entries: Iterable[DictionaryEntry]) -> str:
    """The whole dictionary, the retired too."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for entry in entries:
        active = "yes" if entry.is_active else "no"
        writer.writerow([entry.code, escaped(entry.label), entry.order, active])
    return file.getvalue()


def read_entries(content: bytes) -> tuple[list[EntryRow], list[CellError]]:
    """The rows of the file; with any error there is nothing to import."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return [], [CellError(1, "", "The file is not UTF-8; save it as CSV UTF-8.")]
    try:
        # One more than may be, so that too many are told from just enough.
        rows = _records(text, MAX_ENTRIES + 2)
    except csv.Error as error:
        return [], [CellError(1, "", f"The file is no CSV: {error}.")]
    if not rows:
        return [], [CellError(1, "", "The file is empty.")]
    (_, heading), *body = rows
    names = [name.strip().lower() for name in heading]
    if errors := _heading_errors(names):
        return [], errors
    if not body:
        return [], [CellError(2, "", "The file has no entries.")]
    if len(body) > MAX_ENTRIES:
        said = f"The file has more than {MAX_ENTRIES:,} entries."
        return [], [CellError(body[-1][0], "", said)]
    return _read_body(names, body)


def _records(text: str, most: int) -> list[tuple[int, list[str]]]:
    """The lines that are not blank, with their number."""
    found: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    for number, cells in enumerate(reader, start=1):
        if any(cell.strip() for cell in cells):
            found.append((number, cells))
        if len(found) >= most:
            break
    return found


def _heading_errors(names: list[str]) -> list[CellError]:
    if len(names) == 1 and ";" in names[0]:
        said = "The columns are separated by semicolons; use commas."
        return [CellError(1, "", said)]
    counts = Counter(names)
    errors = [
        CellError(1, name[:40], "There is no such column.")
        for name in counts
        if name not in COLUMNS
    ]
    errors += [
        CellError(1, name, "This column is missing.")
        for name in COLUMNS
        if name not in counts
    ]
    errors += [
        CellError(1, name[:40], "This column stands there twice.")
        for name, count in counts.items()
        if count > 1
    ]
    return errors


def _read_body(
    names: list[str], body: list[tuple[int, list[str]]]
) -> tuple[list[EntryRow], list[CellError]]:
    rows: list[EntryRow] = []
    errors: list[CellError] = []
    first_seen: dict[str, int] = {}
    for number, cells in body:
        if len(cells) != len(names):
            said = f"The row has {len(cells)} cells, the heading {len(names)}."
            errors.append(CellError(number, "", said))
            continue
        row, wrong = _read_row(number, dict(zip(names, cells, strict=True)))
        errors += wrong
        if row is None:
            continue
        if row.code in first_seen:
            said = f"“{row.code}” stands in row {first_seen[row.code]} already."
            errors.append(CellError(number, "code", said))
        first_seen.setdefault(row.code, number)
        rows.append(row)
    return rows, errors


def _read_row(
    number: int, cells: dict[str, str]
) -> tuple[EntryRow | None, list[CellError]]:
    readers: dict[str, Callable[[str], object]] = {
        "code": clean_code,
        "label": lambda text: clean_label(unescaped(text)),
        "order": _order,
        "active": _truth,
    }
    said: dict[str, object] = {}
    errors = []
    for column, read in readers.items():
        try:
            said[column] = read(cells[column])
        except DomainError as error:
            errors.append(CellError(number, column, error.message))
    if errors:
        return None, errors
    return EntryRow(*said.values()), []  # type: ignore[arg-type]


def _order(text: str) -> int:
    digits = text.strip()
    if not re.fullmatch(r"[0-9]{1,9}", digits):
        raise DomainError("The order is a whole number, e.g. 10.")
    return check_order(int(digits))


def _truth(text: str) -> bool:
    try:
        return _TRUTH[text.strip().lower()]
    except KeyError:
        raise DomainError("Say “yes” or “no”.") from None
