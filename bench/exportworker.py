"""The process that writes one file of all customers, as the house or without it.

Seconds, peak of memory and the rows' digest go as JSON to a file.
"""

import csv
import hashlib
import json
import sys
from pathlib import Path
from time import perf_counter
from typing import IO, Any
from uuid import UUID

import django


def _by_the_house(file: IO[bytes], export_id: str) -> None:
    """What the worker does with an export, but for the store."""
    from documents.making.building import SavedProgress
    from exports.models import Export
    from exports.writing import write_export

    export = Export.objects.get(pk=UUID(export_id))
    write_export(file, export, SavedProgress(export))


def _by_a_csv_writer(file: IO[bytes], _: str) -> None:
    """The same columns by one statement, a cursor of the database and `csv` alone."""
    import io

    from django.db import connection, transaction

    from bench.exports import CHUNK, HEADINGS, statement

    connection.ensure_connection()
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    raw: Any = connection.connection
    with transaction.atomic(), raw.cursor(name="bare") as cursor:
        cursor.execute(statement())
        while rows := cursor.fetchmany(CHUNK):
            writer.writerows(rows)
    text.flush()
    text.detach()


def _by_copy(file: IO[bytes], _: str) -> None:
    """The same columns by the database alone, which writes no heading in words."""
    from django.db import connection

    from bench.exports import statement

    with connection.cursor() as cursor:
        wanted = f"COPY ({statement()}) TO STDOUT (FORMAT csv)"
        with cursor.copy(wanted) as copy:
            for piece in copy:
                file.write(piece)


WAYS = {"house": _by_the_house, "csv": _by_a_csv_writer, "copy": _by_copy}


def _digest_of(path: Path) -> tuple[int, str]:
    """Rows below the heading, and what stands in them for whoever reads them."""
    from common.lists.csv_cells import unescaped

    digest, rows = hashlib.sha256(), 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line in csv.reader(file, strict=True):
            if line[1] == "Number":
                continue
            digest.update("\x1f".join(unescaped(cell) for cell in line).encode())
            rows += 1
    return rows, digest.hexdigest()


def main(way: str, export_id: str, said: str) -> None:
    path = Path(said).with_suffix(".csv")
    reverse("admin:index")  # a worker has read all addresses long ago
    begun = perf_counter()
    with path.open("wb") as file:
        WAYS[way](file, export_id)
    seconds = perf_counter() - begun
    memory = peak_of_memory()
    rows, digest = _digest_of(path)
    found = {
        "seconds": seconds,
        "memory_mb": memory / 1024,
        "megabytes": path.stat().st_size / 1024**2,
        "rows": rows,
        "digest": digest,
    }
    path.unlink()
    written = Path(said).with_suffix(".part")
    written.write_text(json.dumps(found))
    written.rename(said)  # whoever waits for it reads all of it


if __name__ == "__main__":
    django.setup()

    from django.urls import reverse

    from bench.sweeper import peak_of_memory

    main(*sys.argv[1:])
