"""Tasks: work about customers that waits for compliance, closed with an outcome."""

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from common.dialogs import require
from common.face import Label, ago, day, due, label_html, moment, two_lines
from common.lists.columns import Cells
from customers.registry.admin.task_deeds import (
    close,
    deeds_of,
    hand_over,
    release,
    release_chosen,
    take,
    take_chosen,
    take_next,
)
from customers.registry.admin.task_lists import (
    TAB,
    AssigneeFilter,
    OverdueFilter,
    TabFilter,
    kind_in,
    tabs_of,
)
from customers.registry.labels import reason_words
from customers.registry.models import Task
from customers.registry.search.listing import OF_CUSTOMER, AboutCustomers
from customers.registry.tasks_of_staff import HANDLES
from tenants.admin import VersionedAdmin
from tenants.models import User

DEEDS: dict[str, Callable[[HttpRequest, Task], HttpResponse]] = {
    "take": take,
    "release": release,
    "hand_over": hand_over,
    "close": close,
}


def whose(task: Task) -> User | None:
    """Who has it; of a closed one, who had it."""
    return task.assignee if task.status == Task.Status.DONE else task.holder


def taken_by(task: Task) -> str:
    """Who has it and since when; of a closed one, who had it."""
    who = whose(task)
    if who is None or task.taken_at is None:
        return ""
    is_done = task.status == Task.Status.DONE
    return str(who) if is_done else f"{who}, {ago(task.taken_at)}"


def due_label(task: Task) -> Label:
    if task.status == Task.Status.DONE:
        return Label("Done", "good", moment(task.closed_at) if task.closed_at else "")
    return due(task.due_at)


@admin.register(Task)
class TaskAdmin(AboutCustomers, VersionedAdmin):
    list_display = ("task", "about", "due_label", "taken", "opened")
    export_permission = "exports.request_export"
    export_cells: ClassVar[Cells] = {
        "task": (("Task", "get_kind_display"), ("Why", reason_words)),
        "about": OF_CUSTOMER,
        "due_label": (("Status", "get_status_display"), ("Due", "due_at"),
                      ("Done", "closed_at")),
        "taken": (("Taken by", whose), ("Taken", "taken_at")),
        "opened": (("Opened by", "opened_by"), ("Opened", "opened_at")),
    }  # fmt: skip
    list_filter = (TabFilter, "kind", OverdueFilter, AssigneeFilter)
    list_select_related = ("customer", "opened_by", "assignee")
    change_list_template = "registry/task/list.html"
    sortable_by = ()
    empty_value_display = "\N{EN DASH}"
    empty_fact = "No tasks here."
    empty_advice = (
        "Changes of verified customers and adverse verdicts open them; look at the"
        " other tabs, or take the next one."
    )

    # --- the list --------------------------------------------------------------
    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """What is due first comes first; of what is done, the newest."""
        is_done = request.GET.get(TAB) == "done"
        return ("-closed_at", "id") if is_done else ("due_at", "id")

    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        tasks = Task.objects.for_user(request.user)
        context = {
            "views": tabs_of(request, tasks),
            "may_take": request.user.has_perm(HANDLES),
            "kind": kind_in(request.GET),
            "at": request.GET.urlencode(),
            **(extra_context or {}),
        }
        answer: HttpResponse = super().changelist_view(request, context)
        return answer

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Several at once; Django runs them by POST alone."""
        if not request.user.has_perm(HANDLES):
            return {}
        return {
            "take": (take_chosen, "take", "Take"),
            "release": (release_chosen, "release", "Release"),
        }

    @admin.display(description="Task")
    def task(self, row: Task) -> SafeString:
        return two_lines(row.get_kind_display(), reason_words(row))

    @admin.display(description="Customer")
    def about(self, row: Task) -> SafeString:
        url = reverse("admin:registry_customer_change", args=[row.customer_id])
        return format_html(
            '<a class="v-a" href="{}">{}</a> <span class="v-meta v-id">{}</span>',
            url, row.customer.name, row.customer.public_id,
        )  # fmt: skip

    @admin.display(description="Due")
    def due_label(self, row: Task) -> SafeString:
        return label_html(due_label(row))

    @admin.display(description="Taken by")
    def taken(self, row: Task) -> str | None:
        return taken_by(row) or None

    @admin.display(description="Opened by")
    def opened(self, row: Task) -> SafeString:
        return two_lines(str(row.opened_by), day(row.opened_at))

    # --- one task ----------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return (
            super()
            .get_queryset(request)
            .select_related("customer", "opened_by", "assignee")
        )

    def show(self, request: HttpRequest, row: Task) -> HttpResponse:
        return self.record(
            request, row,
            template="registry/task/record.html",
            facts=self._facts(row),
            links=[{"verb": "Versions", "url": self._versions_url(row)}],
            **deeds_of(request.user, row, request.GET),
        )  # fmt: skip

    def _facts(self, task: Task) -> list[tuple[str, Any]]:
        facts: list[tuple[str, Any]] = [
            ("Customer", self.about(task)),
            ("Why", reason_words(task)),
            ("Due", label_html(due_label(task))),
            ("Taken by", taken_by(task)),
            ("Opened", f"{moment(task.opened_at)}, {task.opened_by}"),
        ]
        if task.closed_at:
            closed = task.history.select_related("history_user").first()
            facts.append(("Closed", f"{moment(task.closed_at)}, {closed.history_user}"))
            facts.append(("Outcome", task.outcome))
        return facts

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(
                f"<uuid:task_id>/{name.replace('_', '-')}/",
                self.admin_site.admin_view(self._page(deed)),
                name=f"registry_task_{name}",
            )
            for name, deed in DEEDS.items()
        ]
        onward = path(
            "take-next/",
            self.admin_site.admin_view(require_POST(self.take_next)),
            name="registry_task_take_next",
        )
        return [onward, *pages, *super().get_urls()]

    def _page(self, deed: Callable[[HttpRequest, Task], HttpResponse]) -> Any:
        """Check the permission, then the institution, before any deed."""

        def view(request: HttpRequest, task_id: UUID) -> HttpResponse:
            require(request, HANDLES)
            return deed(request, self.get_object_or_404(request, str(task_id)))

        return require_POST(view) if deed is take else view

    def take_next(self, request: HttpRequest) -> HttpResponse:
        require(request, HANDLES)
        return take_next(request)
