"""The table of a list, as Django's and Unfold's, at a fraction of their time.

They look each column and its heading up again for every cell, and give each cell some
thirty classes that our style sheet puts aside. Here a column is read up once a page.
Lists that are edited in place, and rows with sections, are not served: we have none.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.urls import NoReverseMatch
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from unfold.templatetags.unfold_list import result_headers
from unfold.utils import display_for_field, display_for_value

CHOSEN = "action_checkbox"  # the column of boxes; it has no heading of its own


@dataclass(frozen=True)
class Column:
    """One column of a page: how a row's cell is written, and what stands above it."""

    name: str
    heading: str
    write: Callable[[Any], Any]
    is_link: bool


def columns_of(cl: Any, headings: list[Any]) -> list[Column]:
    links = set(cl.list_display_links or ())
    return [
        Column(
            name=name if isinstance(name, str) else name.__name__,
            heading="Select record" if name == CHOSEN else heading["text"],
            write=_writer(cl, name),
            is_link=name in links,
        )
        for name, heading in zip(cl.list_display, headings, strict=True)
    ]


def _writer(cl: Any, name: Any) -> Callable[[Any], Any]:
    empty = cl.model_admin.get_empty_value_display()
    field = _field(cl, name)
    if field is not None and field.is_relation:
        return lambda row: _or(getattr(row, name), empty)
    if field is not None:
        return lambda row: display_for_field(getattr(row, name), field, empty)
    read, said = _reader(cl, name)
    empty = getattr(said, "empty_value_display", empty)
    is_yes_or_no = getattr(said, "boolean", False)
    return lambda row: display_for_value(read(row), empty, is_yes_or_no)


def _field(cl: Any, name: Any) -> Any:
    try:
        return cl.lookup_opts.get_field(name)
    except FieldDoesNotExist:
        return None


def _reader(cl: Any, name: Any) -> tuple[Callable[[Any], Any], Any]:
    """A function, a method of the page, or what the row has; and who says how."""
    if callable(name):
        return name, name
    if name != "__str__" and hasattr(cl.model_admin, name):
        method = getattr(cl.model_admin, name)
        return method, method

    def read(row: Any) -> Any:
        value = getattr(row, name)
        return value() if callable(value) else value

    return read, getattr(cl.model, name, None)


def _or(value: Any, empty: str) -> Any:
    return empty if value is None else value


def rows_of(cl: ChangeList, columns: list[Column]) -> Iterator[SafeString]:
    """The cells of each row of the page, as HTML."""
    kept = f"?{cl.preserved_filters}" if cl.preserved_filters else ""
    for row in cl.result_list:
        cells = (_cell(cl, row, column, kept) for column in columns)
        yield mark_safe("".join(cells))  # noqa: S308 - of escaped cells


def _cell(cl: ChangeList, row: Any, column: Column, kept: str) -> SafeString:
    said, tag = column.write(row), "td"
    if column.is_link:
        said, tag = _link(cl, row, said, kept), "th"
    kind = "action-checkbox" if column.name == CHOSEN else f"field-{column.name}"
    form = '<{0} class="{1}" data-label="{2}">{3}</{0}>'
    return format_html(form, tag, kind, column.heading, said)


def _link(cl: ChangeList, row: Any, said: Any, kept: str) -> Any:
    try:
        url = cl.url_for_result(row)
    except NoReverseMatch:
        return said
    return format_html('<a href="{}{}">{}</a>', url, kept, said)


def table_of(cl: ChangeList, *, may_add: bool) -> dict[str, Any]:
    """The context of face/_result_table.html, and of what it includes."""
    headings = list(result_headers(cl))
    sorted_by = [head for head in headings if head["sortable"] and head["sorted"]]
    return {
        "cl": cl,
        "result_headers": headings,
        "num_sorted_fields": len(sorted_by),
        # At once, and not in the template's loop: so deep in the stack Python 3.11
        # makes a new piece of it for call after call, which doubles the time.
        "rows": list(rows_of(cl, columns_of(cl, headings))),
        "has_add_permission": may_add,
    }
