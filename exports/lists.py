"""A list as one person sees it, opened again from its address without a browser."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import (
    EmptyResultSet,
    FieldError,
    SuspiciousOperation,
    ValidationError,
)
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import resolve, reverse

from common.admin import ENCRYPTED, HouseAdmin
from common.errors import DomainError, NotForYouError
from common.lists.columns import Cell, HouseList
from tenants.models import User

CHUNK = 1000  # rows read, completed and written at a time
LONGEST_QUERY = 4000  # characters of an address
MOST_PARAMETERS = 100
TENANT = "tenant"  # the name of the column that every record has
# What belongs to one page of the list, or to a window of the browser.
OF_A_PAGE = ("p", "all", "e", "_popup", "_to_field", "_facets")
NO_LIST = "There is no such list to export."
UNREADABLE = "This list’s filters cannot be read; open the list and choose them again."


@dataclass(frozen=True)
class OpenList:
    """`columns` are those of this file that this person may see now."""

    user: User
    changelist: HouseList
    columns: tuple[str, ...]
    cells: tuple[Cell, ...]

    @property
    def rows(self) -> QuerySet[Any]:
        """In the list's order; what is encrypted is not even read.

        Nor is the institution, which is the same for all of them.
        """
        rows: QuerySet[Any] = self.changelist.queryset
        ways = list(_ways(self._along))
        rows = rows.select_related(None)
        wanted = [way for way in ways if way.rpartition("__")[2] != TENANT]
        rows = rows.select_related(*wanted) if wanted else rows
        return rows.defer(*_encrypted(rows.model, wanted))

    @property
    def _along(self) -> dict[str, Any]:
        """The relations that the list reads along, as Django nests them."""
        related = self.changelist.queryset.query.select_related
        return related if isinstance(related, dict) else {}

    def chunks(self) -> Iterator[list[Any]]:
        """Read by a cursor of the database: memory stays flat, however many rows."""
        rows = self.rows.iterator(chunk_size=CHUNK)
        owned = [way.split("__")[:-1] for way in _ways(self._along)
                 if way.rpartition("__")[2] == TENANT]  # fmt: skip
        while chunk := list(islice(rows, CHUNK)):
            for row in chunk:
                for names in owned:
                    reduce(getattr, names, row).tenant = self.user.tenant
            self.changelist.complete(chunk)
            yield chunk


def admin_of(list_key: str) -> HouseAdmin:
    """The list's admin; raises DomainError for what is no list to export."""
    try:
        found: Any = admin.site.get_model_admin(apps.get_model(list_key))
    except (LookupError, ValueError, NotRegistered) as error:
        raise DomainError(NO_LIST) from error
    if not isinstance(found, HouseAdmin) or not found.export_permission:
        raise DomainError(NO_LIST)
    return found


def refuse_export(user: User, list_key: str) -> None:
    """Raise NotForYouError for who may not, or may no more, take this list out."""
    model_admin = admin_of(list_key)
    request = _request(user, list_key, QueryDict(""))
    may = (
        user.is_active
        and user.tenant_id is not None
        and user.has_perm(model_admin.export_permission)
        and model_admin.has_view_permission(request)
    )
    if not may:
        raise NotForYouError("The right to export this list is not there any more.")


def open_list(
    list_key: str, user: User, querystring: str, columns: list[str]
) -> OpenList:
    """The list as this person would see it now, all pages of it.

    Raises DomainError for an address that nobody could have come by, NotForYouError
    without the right.
    """
    refuse_export(user, list_key)
    model_admin = admin_of(list_key)
    given = _parsed(querystring)
    request = _request(user, list_key, given)
    offered = model_admin.offered_columns(request)
    shown = tuple(dict.fromkeys(name for name in columns if name in offered))
    if not shown:
        raise DomainError("None of these columns is there for you; choose others.")
    try:
        changelist = model_admin.get_changelist_instance(request)
        _written(changelist.queryset)
    except (
        IncorrectLookupParameters, SuspiciousOperation, ValidationError,
        FieldError, ValueError, TypeError, OverflowError,
    ) as error:  # fmt: skip
        raise DomainError(UNREADABLE) from error
    changelist.in_file = shown
    return OpenList(user, changelist, shown, _cells(model_admin, shown))


def _written(rows: QuerySet[Any]) -> None:
    """Write the query, for broken values show only then; of nobody there is none."""
    with suppress(EmptyResultSet):
        str(rows.query)


def _parsed(querystring: str) -> Any:
    if len(querystring) > LONGEST_QUERY:
        raise DomainError(UNREADABLE)
    given = QueryDict(querystring, mutable=True)
    if len(given) > MOST_PARAMETERS or "\x00" in "".join(
        (*given, *(value for values in given.lists() for value in values[1]))
    ):
        raise DomainError(UNREADABLE)
    for name in OF_A_PAGE:
        given.pop(name, None)
    return given


def _request(user: User, list_key: str, given: Any) -> HttpRequest:
    request = HttpRequest()
    request.method, request.user = "GET", user
    request.GET = given  # its `columns` too, for the order counts them
    request.path = reverse(f"admin:{list_key.replace('.', '_')}_changelist")
    request.resolver_match = resolve(request.path)
    return request


def _cells(model_admin: HouseAdmin, columns: tuple[str, ...]) -> tuple[Cell, ...]:
    """The headings and values of these columns, each once."""
    named = (cell for name in columns for cell in model_admin.export_cells[name])
    return tuple(dict.fromkeys(named))


def _ways(along: dict[str, Any], start: str = "") -> Iterator[str]:
    """Write {"customer": {"tenant": {}}} as `customer` and `customer__tenant`."""
    for name, further in along.items():
        yield f"{start}{name}"
        yield from _ways(further, f"{start}{name}__")


def _encrypted(model: Any, along: list[str]) -> Iterator[str]:
    """The encrypted columns of a row and of the rows that are read along with it."""
    for way in ("", *along):
        other = model
        for name in filter(None, way.split("__")):
            other = other._meta.get_field(name).related_model  # noqa: SLF001 - public
        for field in other._meta.concrete_fields:  # noqa: SLF001 - public
            if isinstance(field, ENCRYPTED):
                yield f"{way}__{field.name}" if way else field.name


def capped_count(rows: QuerySet[Any], most: int) -> int:
    """Count no further than one beyond `most`."""
    return rows.order_by()[: most + 1].count()
