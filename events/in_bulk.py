"""Move many rows as `save_as` and `publish` move one: row, version and event, in bulk.

The database copies the versions column by column, so encrypted columns stay as they
stand, and makes the events out of the rows it has just changed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, models

from common.observing.request_id import present_request_id
from events.events import Event, subscriptions_to
from events.models import Delivery, RecordedEvent
from tenants.models import User

_HISTORY = ("history_date", "history_change_reason", "history_type", "history_user_id")


@dataclass(frozen=True)
class Kind:
    """Rows that move, and the fact it makes: its fields and the columns they are of.

    `subject` is the column with the customer, `counter` the one that counts saves.
    `own_handlers` would find their work done by whoever moves the rows.
    """

    table: type[models.Model]
    column: str
    event: type[Event]
    payload: Mapping[str, str]
    subject: str
    counter: str = ""
    own_handlers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Move:
    """Rows that come to one state, and what their facts say besides, alike for all."""

    state: str | int
    keys: Sequence[UUID]
    said: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Deed:
    """Who moves them, whose they are, why and when."""

    by: User
    tenant_id: UUID
    reason: str
    at: datetime


@dataclass(frozen=True)
class Part:
    """A piece of SQL and what is filled in."""

    text: str
    values: list[Any]


def move_rows(kind: Kind, moves: Sequence[Move], deed: Deed) -> None:
    """Bring rows to the state of their move, with a version and an event each.

    For rows that the caller has locked, inside the caller's transaction, whose `at` is
    of this batch alone.
    """
    for move in moves:
        rows, update = _among(move.keys), _update(kind, move.state)
        if connection.vendor == "postgresql":
            moved = Part("FROM moved AS r", [])
            versions = _versions(kind, moved, deed)
            events = _events(kind, move, moved, deed)
            _run(
                Part(
                    f"WITH moved AS ({update.text} {rows.text} RETURNING r.*),"
                    f" versions AS ({versions.text}) {events.text}",
                    [*update.values, *rows.values, *versions.values, *events.values],
                )
            )
            continue
        _run(Part(f"{update.text} {rows.text}", [*update.values, *rows.values]))
        moved = Part(f"FROM {_place(kind.table)} AS r {rows.text}", rows.values)
        _run(_versions(kind, moved, deed))
        _run(_events(kind, move, moved, deed))
    for subscription in subscriptions_to(kind.event.__name__):
        if moves and subscription.name not in kind.own_handlers:
            _run(_deliveries(kind, subscription.name, deed))


def _update(kind: Kind, state: str | int) -> Part:
    counter = _quoted(kind.counter) if kind.counter else ""
    count = f", {counter} = r.{counter} + 1" if counter else ""
    what = f"{_place(kind.table)} AS r SET {_quoted(kind.column)}"
    return Part(f"UPDATE {what} = %s{count}", [state])


def _versions(kind: Kind, moved: Part, deed: Deed) -> Part:
    table = kind.table.history.model  # type: ignore[attr-defined]
    fields = table._meta.concrete_fields  # noqa: SLF001 - Django's documented API
    columns = [field.column for field in fields if not field.primary_key]
    copied = [name for name in columns if name not in _HISTORY]
    read = ", ".join(f"r.{_quoted(name)}" for name in copied)
    shared = {
        "history_date": deed.at,
        "history_change_reason": deed.reason,
        "history_type": "~",
        "history_user": deed.by.pk,
    }
    return _insert(
        table, ", ".join(map(_quoted, copied)), Part(read, []), shared, moved
    )


def _events(kind: Kind, move: Move, moved: Part, deed: Deed) -> Part:
    shared = {
        "tenant": deed.tenant_id,
        "type": kind.event.__name__,
        "actor": deed.by.pk,
        "reason": deed.reason,
        "is_restricted": kind.event.is_restricted,
        "request_id": present_request_id(),
        "created_at": deed.at,
    }
    key = _new_key(deed.at)
    state = f"r.{_quoted(kind.column)}"
    said = ", ".join(
        f"'{name}', {state if column == kind.column else _text(column)}"
        for name, column in kind.payload.items()
    )
    said += "".join(f", '{name}', %s" for name in move.said)
    made = "jsonb_build_object" if connection.vendor == "postgresql" else "json_object"
    read = Part(
        f"{key.text}, {_text(kind.subject)}, {made}({said})",
        [*key.values, *move.said.values()],
    )
    return _insert(RecordedEvent, "id, subject_id, payload", read, shared, moved)


def _deliveries(kind: Kind, handler: str, deed: Deed) -> Part:
    """No worker is told of so many at once: their sweep finds them."""
    key = _new_key(deed.at)
    shared = {
        "handler": handler,
        "status": Delivery.Status.DUE.value,
        "attempts": 0,
        "last_error": "",
        "due_at": deed.at,
        "created_at": deed.at,
    }
    events = Part(
        f"FROM {_place(RecordedEvent)} AS r WHERE r.tenant_id = %s"
        " AND r.created_at = %s AND r.type = %s AND r.actor_id = %s",
        [
            _value(RecordedEvent, "tenant", deed.tenant_id),
            _value(RecordedEvent, "created_at", deed.at),
            kind.event.__name__,
            _value(RecordedEvent, "actor", deed.by.pk),
        ],
    )
    read = Part(f"{key.text}, r.id", key.values)
    return _insert(Delivery, "id, event_id", read, shared, events)


def _insert(
    table: type[models.Model], names: str, read: Part, shared: dict[str, Any],
    source: Part,
) -> Part:  # fmt: skip
    """Fill the columns `names` with what is read, those of `shared` alike for all."""
    meta = table._meta  # noqa: SLF001 - Django's documented API
    alike = ", ".join(_quoted(str(meta.get_field(name).column)) for name in shared)  # type: ignore[union-attr]
    marks = ", ".join(["%s"] * len(shared))
    text = (
        f"INSERT INTO {_place(table)} ({names}, {alike})"
        f" SELECT {read.text}, {marks} {source.text}"
    )
    values = [_value(table, name, value) for name, value in shared.items()]
    return Part(text, [*read.values, *values, *source.values])


# --- the two databases -----------------------------------------------------------
def _among(keys: Sequence[UUID]) -> Part:
    if connection.vendor == "postgresql":
        return Part("WHERE r.id = ANY(%s)", [list(keys)])
    listed = json.dumps([key.hex for key in keys])
    return Part("WHERE r.id IN (SELECT value FROM json_each(%s))", [listed])


def _new_key(at: datetime) -> Part:
    """A UUIDv7, as `new_id` makes them: SQLite keeps keys as 32 digits."""
    stamp = f"{int(at.timestamp() * 1000):012x}"
    if connection.vendor == "postgresql":
        begins = f"{stamp[:8]}-{stamp[8:]}-7"
        return Part("(%s || substr(gen_random_uuid()::text, 16))::uuid", [begins])
    return Part(
        "%s || substr(lower(hex(randomblob(2))), 2)"
        " || substr('89ab', 1 + (random() & 3), 1)"
        " || substr(lower(hex(randomblob(8))), 2)",
        [f"{stamp}7"],
    )


def _text(column: str) -> str:
    """A key as we write it in events, with hyphens."""
    name = f"r.{_quoted(column)}"
    if connection.vendor == "postgresql":
        return f"{name}::text"
    parts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    return " || '-' || ".join(f"substr({name}, {n}, {size})" for n, size in parts)


def _value(table: type[models.Model], name: str, value: Any) -> Any:
    field: Any = table._meta.get_field(name)  # noqa: SLF001 - as above
    return field.get_db_prep_save(value, connection)


def _place(table: type[models.Model]) -> str:
    return _quoted(table._meta.db_table)  # noqa: SLF001 - as above


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _run(part: Part) -> None:
    with connection.cursor() as cursor:
        cursor.execute(part.text, part.values)
