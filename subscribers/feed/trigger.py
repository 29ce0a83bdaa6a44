"""The trigger by which every event queues for its place; publishers know nothing.

It writes in the transaction of the event: what commits late queues late, and what is
undone never does.
"""

from django.db import connections, transaction

from events.models import RecordedEvent
from subscribers.models import FeedEntry, Unplaced

NAME = "subscribers_place_later"


def keep_trigger(*, using: str = "default") -> None:
    """Make the trigger where it is missing, and queue what it missed meanwhile.

    Runs after every migrate: SQLite drops it with a table that a migration rebuilds.
    """
    database = connections[using]
    tables = set(database.introspection.table_names())
    if not {_table(RecordedEvent), _table(Unplaced)} <= tables or _is_there(using):
        return
    with transaction.atomic(using=using), database.cursor() as cursor:
        for statement in _statements(database.vendor):
            cursor.execute(statement)
        cursor.execute(_MISSED)


def _table(model: type[RecordedEvent | Unplaced | FeedEntry]) -> str:
    return model._meta.db_table  # noqa: SLF001 - Django's documented API


def _is_there(using: str) -> bool:
    database = connections[using]
    known = "pg_trigger WHERE tgname" if _is_postgresql(using) else "sqlite_master"
    name = "" if _is_postgresql(using) else " WHERE name"
    with database.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {known}{name} = %s", [NAME])  # noqa: S608 - our own words
        return cursor.fetchone() is not None


def _is_postgresql(using: str) -> bool:
    return connections[using].vendor == "postgresql"


_INSERT = f"INSERT INTO {_table(Unplaced)} (event_id) VALUES (NEW.id)"  # noqa: S608 - our own words
_MISSED = (
    f"INSERT INTO {_table(Unplaced)} (event_id)"  # noqa: S608 - our own words
    f" SELECT id FROM {_table(RecordedEvent)}"
    f" WHERE id NOT IN (SELECT event_id FROM {_table(Unplaced)})"
    f" AND id NOT IN (SELECT event_id FROM {_table(FeedEntry)})"
    " AND tenant_id IS NOT NULL ORDER BY id"
)


def _statements(vendor: str) -> tuple[str, ...]:
    after = (
        f"CREATE TRIGGER {NAME} AFTER INSERT ON {_table(RecordedEvent)} FOR EACH ROW"
    )
    if vendor != "postgresql":
        return (f"{after} WHEN NEW.tenant_id IS NOT NULL BEGIN {_INSERT}; END",)
    return (
        (
            f"CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN {_INSERT}; RETURN NULL; END $$"
        ),
        f"{after} WHEN (NEW.tenant_id IS NOT NULL) EXECUTE FUNCTION {NAME}()",
    )
