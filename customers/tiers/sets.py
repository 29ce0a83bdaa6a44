"""Walk many rows a set at a time, while each row is changed on its own."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

SET_SIZE = 500


def in_sets(rows: QuerySet[Any]) -> Iterator[UUID]:
    """Yield the keys of the rows in order, asking for a set at a time.

    No cursor stays open between sets, so the rows may be changed meanwhile.
    """
    ordered = rows.order_by("pk").values_list("pk", flat=True)
    keys = list(ordered[:SET_SIZE])
    while keys:
        yield from keys
        keys = list(ordered.filter(pk__gt=keys[-1])[:SET_SIZE])
