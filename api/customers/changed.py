"""Whom something happened to since a time, as far as the asker may know of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, Func, OuterRef, Q, TextField

from api.customers.serializers import SEE_RESTRICTED
from customers.registry.models import Customer
from events.models import RecordedEvent
from tenants.models import User

# Facts of a time that are read one by one. Of a longer time each customer of the page
# is asked for one instead, in the index of facts by customer.
FEW = 10_000


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
    subjects = facts.values_list("subject_id", flat=True).order_by("-created_at")
    few = list(subjects[: FEW + 1])
    if len(few) <= FEW:
        return Q(pk__in=[UUID(subject) for subject in set(few) if subject])
    return Q(Exists(facts.filter(subject_id=_KeyAsText(OuterRef("pk"))).order_by()))


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
