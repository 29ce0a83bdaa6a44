"""The base of every list and page of staff: scoped, read-only, history not writable."""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin

# COUNT(*) reads every row: lists count no further, staff narrow the search instead.
COUNT_NO_FURTHER = 10_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts at most COUNT_NO_FURTHER rows."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        return min(rows.order_by()[: COUNT_NO_FURTHER + 1].count(), COUNT_NO_FURTHER)


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

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        """No bulk deeds unless a list names its own."""
        return {}

    def get_object_or_404(self, request: HttpRequest, object_id: str) -> Any:
        """The row, if the user's institution owns it; 404, not 403, if not."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return row

    def _get_obj_does_not_exist_redirect(self, *_: Any) -> HttpResponse:
        """Django would lead home with a message that repeats the id."""
        raise Http404

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """The library looks a missing row up among all institutions' versions."""
        self._refuse_history(request, object_id)
        answer: HttpResponse = super().history_view(request, object_id, extra_context)
        return answer

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str,
        extra_context: Any = None,
    ) -> HttpResponse:  # fmt: skip
        """Show one version; the library would let a POST write it back."""
        if request.method != "GET":
            raise PermissionDenied
        self._refuse_history(request, object_id)
        answer: HttpResponse = super().history_form_view(
            request, object_id, version_id, extra_context
        )
        return answer

    def refuse_versions(self, request: HttpRequest) -> None:
        """Raise PermissionDenied for whoever may not see versions."""
        wanted = self.history_permission
        if wanted and not request.user.has_perm(wanted):
            raise PermissionDenied

    def _refuse_history(self, request: HttpRequest, object_id: str) -> None:
        self.refuse_versions(request)
        if not self.has_view_permission(request):
            raise PermissionDenied
        self.get_object_or_404(request, object_id)
