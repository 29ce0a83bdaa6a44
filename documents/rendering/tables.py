"""The first rows of a CSV file, as text to be shown."""

import csv
from io import StringIO
from itertools import islice
from typing import IO

from common.text import clean
from documents.rendering.pages import BROKEN, NotDrawable

# Enough for the rows of a page; a line without end is not read to its end.
HEAD_BYTES = 512 * 1024
MAX_COLUMNS = 50
MAX_CELL = 200
DELIMITERS = ",;\t|"


def table(file: IO[bytes], rows: int = 200) -> list[list[str]]:
    """Return the first rows; at most 50 cells each, cut to 200 characters.

    Raises NotDrawable where a cell has no end.
    """
    file.seek(0)
    # One byte more tells whether this is all.
    head = file.read(HEAD_BYTES + 1)
    text = head[:HEAD_BYTES].decode("utf-8-sig", errors="ignore")
    if len(head) > HEAD_BYTES:
        # The last line may be half a line.
        text = text[: text.rfind("\n") + 1] or text
    line = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=line.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [
            [clean(cell)[:MAX_CELL] for cell in row[:MAX_COLUMNS]]
            for row in islice(reader, rows)
        ]
    except csv.Error:
        raise NotDrawable(BROKEN) from None
