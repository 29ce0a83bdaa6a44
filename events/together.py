"""Insert new rows of several tables in one statement."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import models, transaction

from tenants.models import Signed

Tables = tuple[type[models.Model], ...]
# What these hold in Python is what the database is given; Django's own way to find
# that out costs as much as the rest of the insert.
_PLAIN = (models.CharField, models.TextField)


def insert_together(rows: Sequence[models.Model]) -> None:
    """Insert new rows, all or none, in the caller's transaction.

    As `save(force_insert=True)` of each, but with one question to PostgreSQL in all.
    Raises TypeError for records that are signed: those need `save_as`.
    """
    tables = tuple(type(row) for row in rows)
    statement = _statement(tables)
    # The connection itself: through Django's proxy each value would look it up anew.
    database = transaction.get_connection()
    if database.vendor != "postgresql":
        for row in rows:
            row.save(force_insert=True)
        return
    values = [
        value
        if is_plain and value.__class__ is str
        else field.get_db_prep_save(value, database)
        for row in rows
        for field, is_plain in _columns(type(row))
        for value in (field.pre_save(row, True),)  # noqa: FBT003
    ]
    with database.cursor() as cursor:
        cursor.execute(statement, values)
    for row in rows:
        row._state.adding, row._state.db = False, database.alias  # noqa: SLF001


@cache
def _statement(tables: Tables) -> str:
    """Write the statement once: PostgreSQL takes an INSERT as part of another."""
    if any(issubclass(table, Signed) for table in tables):
        raise TypeError("Signed records are saved with save_as(by, reason).")
    *parts, last = (_insert_into(table) for table in tables)
    named = ", ".join(f"part_{n} AS ({part})" for n, part in enumerate(parts))
    return f"WITH {named} {last}" if named else last


def _insert_into(table: type[models.Model]) -> str:
    quote, columns = transaction.get_connection().ops.quote_name, _columns(table)
    names = ", ".join(quote(field.column) for field, _ in columns)
    marks = ", ".join(["%s"] * len(columns))
    place = quote(table._meta.db_table)  # noqa: SLF001 - Django's documented API
    return f"INSERT INTO {place} ({names}) VALUES ({marks})"  # noqa: S608 - no values


@cache
def _columns(table: type[models.Model]) -> list[tuple[Any, bool]]:
    fields = table._meta.concrete_fields  # noqa: SLF001 - Django's documented API
    return [(field, type(field) in _PLAIN) for field in fields]
