"""`{% load face %}`: labels and the words of time in templates."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from common import face
from common.lists.table import table_of
from common.lists.tools import Tool, tools_for

register = template.Library()


@register.simple_tag
def label(value: face.Label | str | None) -> SafeString:
    """Draw shape and word: `{% label customer.status_label %}`."""
    return face.label_html(value)


@register.simple_tag
def label_icon(value: face.Label) -> SafeString:
    """Draw the shape alone, its word as title: for lists of things."""
    return face.icon_html(value)


@register.simple_tag
def tone_icon(tone: face.Tone, word: str) -> SafeString:
    """Draw a shape where no label object is at hand."""
    return face.icon_html(face.Label(word, tone))


@register.filter
def is_label(value: object) -> bool:
    return isinstance(value, face.Label)


@register.filter
def age_of(value: datetime | timedelta | None) -> SafeString:
    """Write how old something is: "2 d 6 h"."""
    if isinstance(value, timedelta):
        return format_html("{}", face.age(value))
    return _time(value, face.age(timezone.now() - value) if value else "")


@register.filter
def ago(value: datetime | None) -> SafeString:
    return _time(value, face.ago(value) if value else "")


@register.filter
def when(value: datetime | None) -> SafeString:
    """Write "2 h ago" within a day, the day after that."""
    return _time(value, face.when(value) if value else "")


@register.filter
def until(value: datetime | date | None) -> SafeString:
    return _time(value, face.until(value) if value else "")


@register.filter
def day(value: datetime | date | None) -> SafeString:
    return _time(value, face.day(value) if value else "")


@register.filter
def short_day(value: datetime | date | None) -> SafeString:
    return _time(value, face.day(value, short=True) if value else "")


@register.filter
def moment(value: datetime | None) -> SafeString:
    return _time(value, face.moment(value) if value else "")


def _time(value: datetime | date | None, words: str) -> SafeString:
    if value is None:
        return face.NOTHING
    exact = face.moment(value) if isinstance(value, datetime) else face.day(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', value.isoformat(), exact, words
    )


@dataclass(frozen=True)
class Chip:
    """One filter in force on a list, and the address of the list without it."""

    caption: str
    word: str
    remove_url: str


@register.simple_tag
def filter_chips(changelist: ChangeList) -> list[Chip]:
    """List the filters in force: `{% filter_chips cl as chips %}`."""
    chips = []
    for spec in changelist.filter_specs:
        if not any(spec.used_parameters.values()):
            continue
        names = [name for name in spec.expected_parameters() if name]
        chosen = [str(c["display"]) for c in spec.choices(changelist) if c["selected"]]
        typed = [changelist.params.get(name, "") for name in names]
        word = ", ".join(chosen or [str(value) for value in typed if value])
        url = changelist.get_query_string(remove=names)
        chips.append(Chip(capfirst(str(spec.title)), word, url))
    return chips


@register.simple_tag(takes_context=True)
def list_tools(context: Any, changelist: ChangeList) -> list[Tool]:
    """List the buttons above a list: `{% list_tools cl as tools %}`."""
    return tools_for(context["request"], changelist)


@register.inclusion_tag("face/_result_table.html", takes_context=True)
def result_table(context: Any, changelist: ChangeList) -> dict[str, Any]:
    """Draw the rows of a list: `{% result_table cl %}`."""
    may_add = changelist.model_admin.has_add_permission(context["request"])
    return table_of(changelist, may_add=may_add)


@register.simple_tag
def same_list(request: HttpRequest) -> str:
    """Return what the list was filtered by when somebody opened one of its rows."""
    kept = request.GET.get("_changelist_filters", "")
    return f"?{kept}" if kept else ""
