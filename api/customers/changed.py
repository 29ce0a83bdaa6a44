"""Whom something happened to since a time, as far as the asker may know of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, Func, OuterRef, Q, Subquery, TextField, UUIDField

from api.customers.serializers import SEE_RESTRICTED
from customers.registry.models import Customer
from events.models import RecordedEvent
from tenants.models import User

# Facts of a time whose subjects are gathered for every page: a tenth of a second.
MANY = 25_000
# Of so many customers at the head of the list, so many concerned fill a page soon.
HEAD, ENOUGH = 1_000, 50


def changed_since(since: datetime, by: User) -> Q:
    """The condition on customers.

    Who may know of restricted facts gets every saved version. To others a version that
    records a rating, say, must not tell that there is one: they get whom their
    timeline shows something of.
    """
    if by.has_perm(SEE_RESTRICTED):
        versions: Any = Customer.history
        saved = versions.filter(history_date__gte=since)
        return Q(pk__in=saved.values("id"))
    facts = RecordedEvent.objects.for_user(by).filter(
        created_at__gte=since, is_restricted=False
    )
    if _are_many(facts) and _fill_the_head(facts, by):
        return Q(Exists(facts.filter(subject_id=_KeyAsText(OuterRef("pk")))))
    return Q(pk__in=_Gathered(facts.values(key=_TextAsKey("subject_id")).distinct()))


def _are_many(facts: Any) -> bool:
    times = facts.order_by("-created_at").values_list("created_at")
    return bool(times[MANY : MANY + 1])


def _fill_the_head(facts: Any, by: User) -> bool:
    """Whether a page is full soon when each customer is asked for a fact in turn.

    Where they concern old customers alone, the whole bank would be asked first.
    """
    newest = Customer.objects.for_user(by).order_by("-registered_at", "-id")
    keys: list[UUID] = list(newest.values_list("pk", flat=True)[:HEAD])
    at_head = facts.filter(subject_id__in=[str(key) for key in keys])
    concerned: int = at_head.values("subject_id").distinct().count()
    return concerned >= min(ENOUGH, len(keys))


class _Gathered(Subquery):
    """Keys that are gathered first, each of them then looked up by its index.

    PostgreSQL takes an array for a short one. Of a bare query it knows how long it is,
    and reads all customers of the bank instead.
    """

    template = "(SELECT unnest(ARRAY(%(subquery)s)))"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(subquery)s)", **context)


class _TextAsKey(Func):
    """A key as customers have it, of what events name; NULL where they name none."""

    output_field = UUIDField()
    template = "CASE WHEN length(%(expressions)s) = 36 THEN (%(expressions)s)::uuid END"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "replace(%(expressions)s, '-', '')"
        return self.as_sql(compiler, connection, template=template, **context)


class _KeyAsText(Func):
    """A key as events name it: with hyphens, which SQLite does not keep."""

    output_field = TextField()
    template = "%(expressions)s::text"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        del connection, context
        parts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
        key, values = compiler.compile(self.source_expressions[0])
        text = " || '-' || ".join(f"substr({key}, {at}, {n})" for at, n in parts)
        return f"({text})", [*values] * len(parts)
