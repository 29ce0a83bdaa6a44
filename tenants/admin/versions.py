"""Versions in words: who saved what, why, and what was different. GET only."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Field
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import Truncator, capfirst
from simple_history.template_utils import HistoricalRecordContextHelper

from common.admin import HouseAdmin
from common.face import day, moment

# Columns that only machines read.
SILENT = frozenset(["id", "tenant", "row_version", "name_normalized", "pack_version"])
CODE = re.compile(r"[a-z]+(_[a-z]+)+")  # as in due_diligence
LONGEST = 160  # characters of one value in the list


def words(field: Any, value: Any) -> str:
    """Write one value as staff know it; "" for nothing."""
    match value:
        case None | "" | [] | {}:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return moment(value)
        case date():
            return day(value)
        case list():
            return ", ".join(str(item).replace("_", " ") for item in value)
    known = dict(getattr(field, "flatchoices", ()))
    text = str(known.get(value, value))
    return text.replace("_", " ") if CODE.fullmatch(text) else text


def caption(field: Any) -> str:
    return str(capfirst(field.verbose_name))


def key_words(key: str) -> str:
    return key.replace("_", " ").capitalize()


class Changes(HistoricalRecordContextHelper):  # type: ignore[misc]
    """What one version changed, row by row; a JSON column is taken apart."""

    def context_for_delta_changes(self, delta: Any) -> list[dict[str, Any]]:
        return [
            {"field": name, "old": _short(old), "new": _short(new)}
            for change in delta.changes
            if change.field not in SILENT
            for name, old, new in self._rows(change)
        ]

    def _rows(self, change: Any) -> Iterator[tuple[str, str, str]]:
        field = {f.name: f for f in self.record.tracked_fields}[change.field]
        if isinstance(change.old, dict) or isinstance(change.new, dict):
            old, new = change.old or {}, change.new or {}
            for key in sorted(old.keys() | new.keys()):
                if old.get(key) != new.get(key):
                    yield key_words(key), str(old.get(key, "")), str(new.get(key, ""))
            return
        yield caption(field), words(field, change.old), words(field, change.new)


def _short(text: str) -> str:
    return Truncator(text).chars(LONGEST)


class VersionedAdmin(HouseAdmin):
    """Shows versions in the bank's words, to whoever holds `history_permission`."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        request.crumb = "Versions"  # type: ignore[attr-defined]
        return super().history_view(request, object_id, extra_context)

    def history_view_title(self, _request: HttpRequest, row: Any) -> str:
        return f"Versions of {row}"

    def get_historical_record_context_helper(
        self, _request: HttpRequest, version: Any
    ) -> Changes:
        return Changes(self.model, version)

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str,
        extra_context: Any = None,
    ) -> HttpResponse:  # fmt: skip
        """Show one version as it was; the library would offer a form of it."""
        del extra_context
        if request.method != "GET":
            raise PermissionDenied
        self.refuse_versions(request)
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object_or_404(request, object_id)
        version = self._version(row, version_id)
        at = moment(version.history_date)
        request.crumb = f"Version of {at}"  # type: ignore[attr-defined]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": f"{row} on {at}",
            "facts": [
                ("Saved by", str(version.history_user)),
                ("Why", version.history_change_reason),
                *self.facts_of(version),
            ],
            "links": [{"verb": "All versions", "url": self._versions_url(row)}],
        }
        return TemplateResponse(request, "face/record.html", context)

    def _version(self, row: Any, version_id: str) -> Any:
        try:
            found = row.history.select_related("history_user").filter(pk=version_id)
            version = found.first()
        except (ValueError, OverflowError):
            version = None
        if version is None:
            raise Http404
        return version

    def _versions_url(self, row: Any) -> str:
        opts = self.opts
        name = f"admin:{opts.app_label}_{opts.model_name}_history"
        return reverse(name, args=[row.pk])

    def facts_of(self, version: Any) -> Iterator[tuple[str, str]]:
        """Every column in words."""
        tracked: list[Field[Any, Any]] = version.tracked_fields
        for field in tracked:
            value = getattr(version, field.name)
            if field.name in SILENT:
                continue
            if isinstance(value, dict):
                yield from ((key_words(key), str(text)) for key, text in value.items())
                continue
            yield caption(field), words(field, value)
