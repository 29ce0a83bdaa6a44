"""The base of every list and page of staff: scoped, read-only, history not writable."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin

from common.encryption import EncryptedJSONField, EncryptedTextField
from common.lists.columns import Cells, HouseList, address_of, choice_of, panel_of

# COUNT(*) reads every row: lists count no further, staff narrow the search instead.
COUNT_NO_FURTHER = 10_000


ENCRYPTED = (EncryptedJSONField, EncryptedTextField)


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts at most COUNT_NO_FURTHER rows."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        if not _is_by_columns(rows):
            rows = rows.order_by()  # to rank all that is found takes longer
        return min(rows[: COUNT_NO_FURTHER + 1].count(), COUNT_NO_FURTHER)


def _is_by_columns(rows: QuerySet[Any]) -> bool:
    """In such an order an index leads to the rows of a filter, however rare they are.

    Without one PostgreSQL's kept plan reads the table, hoping to be done soon.
    """
    columns = {field.name for field in rows.model._meta.concrete_fields}  # noqa: SLF001 - Django's documented API
    asked = rows.query.order_by
    return bool(asked) and all(
        isinstance(name, str) and name.removeprefix("-") in columns for name in asked
    )


class HouseAdmin(SimpleHistoryAdmin, ModelAdmin):  # type: ignore[misc]
    """Rows of the user's own institution; pages change nothing by themselves."""

    list_per_page = 50
    show_full_result_count = False
    paginator = CappedPaginator
    list_fullwidth = True
    actions_detail_hide_default = True
    empty_fact: ClassVar[str] = ""
    empty_advice: ClassVar[str] = ""
    history_permission: ClassVar[str] = ""  # who may see versions; "": who sees the row
    has_versions: ClassVar[bool] = True
    # What staff may add to `list_display`, and what some of it asks for.
    more_columns: ClassVar[tuple[str, ...]] = ()
    restricted_columns: ClassVar[Mapping[str, str]] = {}
    # Who may take the list out of the house, "" for nobody, and what a file says.
    export_permission: ClassVar[str] = ""
    export_cells: ClassVar[Cells] = {}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = self.model.objects.all()
        return self.in_order(request, rows.for_user(request.user))

    def in_order(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """No patterns, which keep a database busy, and nothing that is encrypted."""
        name, *how = lookup.split("__")
        field = next((f for f in self.opts.concrete_fields if f.name == name), None)
        if {"regex", "iregex"} & set(how) or isinstance(field, ENCRYPTED):
            return False
        allowed: bool = super().lookup_allowed(lookup, value, request)
        return allowed

    # --- columns ---------------------------------------------------------------
    def usual_columns(self, request: HttpRequest) -> tuple[str, ...]:
        return self._permitted(request, tuple(self.list_display))

    def offered_columns(self, request: HttpRequest) -> tuple[str, ...]:
        """What this person may choose from, the usual ones first."""
        usual = self.usual_columns(request)
        return (*usual, *self._permitted(request, self.more_columns))

    def _permitted(
        self, request: HttpRequest, names: tuple[str, ...]
    ) -> tuple[str, ...]:
        wanted = self.restricted_columns
        return tuple(
            name for name in names
            if name not in wanted or request.user.has_perm(wanted[name])
        )  # fmt: skip

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return list(choice_of(self, request).shown)

    def get_changelist(self, *_: Any, **__: Any) -> type[HouseList]:
        return HouseList

    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        """Show the list; a choice of columns is brought into the address first."""
        may_look = self.has_view_permission(request)
        if may_look and (address := address_of(self, request)):
            return HttpResponseRedirect(address)
        columns = panel_of(self, request) if may_look else None
        context = {"columns": columns, **(extra_context or {})}
        answer: HttpResponse = super().changelist_view(request, context)
        return answer

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        """No bulk deeds unless a list names its own."""
        return {}

    def get_object_or_404(self, request: HttpRequest, object_id: str) -> Any:
        """The row, if the user's institution owns it; 404, not 403, if not."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return row

    # --- the page of a row -----------------------------------------------------
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:  # fmt: skip
        """Show a row; permission (403), institution (404), method (405), then `show`.

        Whoever has a form there writes a view of their own.
        """
        del form_url, extra_context
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object_or_404(request, object_id)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return self.show(request, row)

    def show(self, request: HttpRequest, row: Any) -> HttpResponse:
        """Django's page of the columns, for whoever makes none of their own."""
        answer: HttpResponse = super().change_view(request, str(row.pk))
        return answer

    def record(
        self, request: HttpRequest, row: Any, *, template: str = "face/record.html",
        **context: Any,
    ) -> TemplateResponse:  # fmt: skip
        """A page about the row inside the shell."""
        shared = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": str(row),
        }
        return TemplateResponse(request, template, {**shared, **context})

    def _get_obj_does_not_exist_redirect(self, *_: Any) -> HttpResponse:
        """Django would lead home with a message that repeats the id."""
        raise Http404

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """The library looks a missing row up among all institutions' versions."""
        self.refuse_versions(request)
        self._refuse_history(request, object_id)
        answer: HttpResponse = super().history_view(request, object_id, extra_context)
        return answer

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str,
        extra_context: Any = None,
    ) -> HttpResponse:  # fmt: skip
        """Show one version; the library would let a POST write it back."""
        self.refuse_versions(request)
        if request.method != "GET":
            raise PermissionDenied
        self._refuse_history(request, object_id)
        answer: HttpResponse = super().history_form_view(
            request, object_id, version_id, extra_context
        )
        return answer

    def refuse_versions(self, request: HttpRequest) -> None:
        """Raise Http404 where there are none, PermissionDenied for who may not see."""
        if not self.has_versions:
            raise Http404
        wanted = self.history_permission
        if wanted and not request.user.has_perm(wanted):
            raise PermissionDenied

    def _refuse_history(self, request: HttpRequest, object_id: str) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied
        self.get_object_or_404(request, object_id)
