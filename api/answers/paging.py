"""Pages that neither skip nor repeat a row while others are written."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import MAXYEAR, datetime
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from common.api import Refused, asked_limit

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200


@dataclass(frozen=True)
class _Place:
    """Beside which row a page begins, and on which side of it."""

    values: tuple[Any, ...]
    is_back: bool = False


class KeysetPages(BasePagination):
    """By (ordering, id): a page begins after the last row of the one before.

    The ordering is that of the query, columns and annotations that are never NULL;
    `id` is added where it is not the last. `?limit=` is the length of a page,
    `?cursor=` what `next` and `previous` held.
    """

    cursor_query_param: ClassVar[str] = "cursor"
    page_size_query_param: ClassVar[str] = "limit"

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> list[Any]:
        del view
        self.address = request.build_absolute_uri()
        self.fields = _ordering(queryset)
        limit = asked_limit(request.query_params.get("limit"), PAGE_SIZE, MAX_PAGE_SIZE)
        place = _read(request.query_params.get("cursor"), queryset, self.fields)
        fields = self.fields
        if place and place.is_back:
            fields = [_turned(name) for name in fields]
        rows = queryset.order_by(*fields)
        if place:
            rows = rows.filter(_beyond(fields, place.values))
        found = list(rows[: limit + 1])
        has_more, found = len(found) > limit, found[:limit]
        is_back = place is not None and place.is_back
        if is_back:
            found.reverse()
        self.next = self._link(found, -1) if has_more or is_back else None
        has_previous = has_more if is_back else place is not None
        self.previous = self._link(found, 0) if has_previous else None
        return found

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next, "previous": self.previous, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri", "example": None}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        del view
        most = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE}
        return [
            _parameter("cursor", "What `next` or `previous` held.", {"type": "string"}),
            _parameter("limit", f"Rows of a page; {PAGE_SIZE} unless said.", most),
        ]

    def _link(self, rows: list[Any], at: int) -> str | None:
        if not rows:
            return None
        said = [
            _written(getattr(rows[at], name.removeprefix("-"))) for name in self.fields
        ]
        text = json.dumps([at == 0, *said], separators=(",", ":"))
        cursor = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        return str(replace_query_param(self.address, "cursor", cursor))


def _parameter(name: str, words: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": words, "schema": schema}


def _written(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _turned(name: str) -> str:
    return name.removeprefix("-") if name.startswith("-") else f"-{name}"


def _ordering(rows: QuerySet[Any]) -> list[str]:
    fields = list(rows.query.order_by or rows.model._meta.ordering)  # noqa: SLF001 - Django's way to names
    names = [name.removeprefix("-") for name in fields]
    if "id" in names:
        return fields[: names.index("id") + 1]
    return [*fields, "-id" if not fields or fields[0].startswith("-") else "id"]


def _read(cursor: str | None, rows: QuerySet[Any], fields: list[str]) -> _Place | None:
    """Where a cursor of ours leads to. Raises Refused for any other."""
    if cursor is None:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        is_back, *said = json.loads(text)
        columns = [_column(rows, name.removeprefix("-")) for name in fields]
        values = tuple(
            column.to_python(value) for column, value in zip(columns, said, strict=True)
        )
    except (binascii.Error, ValueError, TypeError, ValidationError, RecursionError):
        raise _none_of_ours() from None
    if not isinstance(is_back, bool) or any(_is_odd(value) for value in values):
        raise _none_of_ours()
    return _Place(values, is_back)


def _none_of_ours() -> Refused:
    return Refused(400, "BAD_REQUEST", "`cursor` is none that this route gave.")


def _column(rows: QuerySet[Any], name: str) -> Any:
    """The field behind a name of the ordering: a column, or what was worked out."""
    if worked_out := rows.query.annotations.get(name):
        return worked_out.output_field
    return rows.model._meta.get_field(name)  # noqa: SLF001 - Django's way to names


def _is_odd(value: Any) -> bool:
    """Whether no column holds such a value.

    NULL, text with a NUL, a time without its zone, or one that is no time in another
    zone: the first and the last year of the calendar.
    """
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, datetime):
        return value.tzinfo is None or not 1 < value.year < MAXYEAR
    return value is None


def _beyond(fields: list[str], values: tuple[Any, ...]) -> Q:
    """Rows after these values: later in the first field, or equal and later in …"""
    found, equal = Q(), Q()
    for field, value in zip(fields, values, strict=True):
        name = field.removeprefix("-")
        side = "lt" if field.startswith("-") else "gt"
        found |= equal & Q(**{f"{name}__{side}": value})
        equal &= Q(**{name: value})
    # What the OR says already, in a form at which an index can begin.
    first = fields[0].removeprefix("-")
    side = "lte" if fields[0].startswith("-") else "gte"
    return Q(**{f"{first}__{side}": values[0]}) & found
