"""Load the census: COPY in pieces, indexes and foreign keys made when all is there."""

import resource
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Any

from django.db import connection, transaction

from bench.census.rows import Census
from bench.crowd import columns_of, place_of
from bench.lab import say
from customers.registry.models import Customer
from tenants.models import NumberRange, Tenant
from tenants.services import FIRST_NUMBER

_PIECE = 5_000  # customers held in memory at once
_HANDS = 2  # one makes up rows while the database takes those of the other


@dataclass(frozen=True)
class Loaded:
    """Seconds by the clock and of this process, and the most memory it ever held."""

    customers: int
    seconds: float
    processor: float
    memory_mb: float

    def as_json(self) -> dict[str, Any]:
        return {
            "customers": self.customers,
            "seconds": round(self.seconds, 1),
            "processor_seconds": round(self.processor, 1),
            "per_second": round(self.customers / self.seconds),
            "memory_mb": round(self.memory_mb, 1),
        }


def load(census: Census) -> Loaded:
    """Load all its customers into empty tables."""
    started, used = perf_counter(), process_time()
    with _bare_tables(census):
        _copy_all(census)
        say(f"All rows after {perf_counter() - started:.0f} s; making the indexes …")
    for table in census.tables:
        _run(f"VACUUM ANALYZE {place_of(table)}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Loaded(census.count, perf_counter() - started, process_time() - used, peak)


def counted(census: Census) -> dict[str, int]:
    """The rows of each table, and how many names there are."""
    found = {place_of(table): table._default_manager.count() for table in census.tables}  # noqa: SLF001 - Django's name for it
    names = Customer.objects.values("name_normalized").distinct().count()
    return {**found, "names": names}


def go_on_after(bank: Tenant, count: int) -> None:
    """Let the numbers that the house gives begin after those of the census."""
    for kind, first in FIRST_NUMBER.items():
        NumberRange.objects.update_or_create(
            tenant=bank, kind=kind, defaults={"next_number": first + count}
        )


def _copy_all(census: Census) -> None:
    with ThreadPoolExecutor(_HANDS) as hands:
        starts = range(0, census.count, _PIECE)
        for _ in hands.map(lambda start: _copy(census, start), starts):
            pass  # raises what a hand met


def _copy(census: Census, start: int) -> None:
    end = min(start + _PIECE, census.count)
    people = [census.person(number) for number in range(start, end)]
    with transaction.atomic(), connection.cursor() as cursor:
        for table, lines_of in census.tables.items():
            columns = ", ".join(columns_of(table))
            into = f"COPY {place_of(table)} ({columns}) FROM STDIN"
            with cursor.copy(into) as copy:
                lines = (line for person in people for line in lines_of(person))
                copy.write("".join(f"{line}\n" for line in lines))
    connection.close()  # each hand has its own


@contextmanager
def _bare_tables(census: Census) -> Iterator[None]:
    """Take away what is cheaper to make once than to keep at every row.

    What comes back is checked against all rows, as after a restore.
    """
    places = [place_of(table) for table in census.tables]
    keys = _read(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
        " FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)",
        places,
    )
    indexes = _read(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)"
        " FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid"
        " AND c.contype IN ('p', 'u')"
        " WHERE c.oid IS NULL AND i.indrelid::regclass::text = ANY(%s)",
        places,
    )
    for table, name, _ in keys:
        _run(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _ in indexes:
        _run(f"DROP INDEX {name}")
    yield
    _run("SET maintenance_work_mem = '512MB'")
    for _, made_by in indexes:
        _run(made_by)
    for table, name, said in keys:
        _run(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {said}')


def _read(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
