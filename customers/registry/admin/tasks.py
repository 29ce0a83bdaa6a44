"""Tasks: work about customers that waits for compliance, closed with an outcome."""

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from common.admin import COUNT_NO_FURTHER
from common.dialogs import Dialog, ask, require
from common.face import Label, day, due, label_html, moment, two_lines
from common.text import clean
from customers.registry.labels import reason_words
from customers.registry.models import Customer, Task
from customers.registry.services import close_task
from tenants.admin import VersionedAdmin


class OutcomeForm(BaseDialogForm):  # type: ignore[misc]
    outcome = forms.CharField(
        label="What came of it",
        max_length=1000,
        widget=UnfoldAdminTextareaWidget(),
        help_text="Kept with your name; the front line does not see it.",
        error_messages={
            "required": "Say what came of it.",
            "max_length": "Say it in at most 1,000 characters.",
        },
    )


class StateFilter(admin.SimpleListFilter):
    """Open ones unless told; the saved views are these four."""

    title = "state"
    parameter_name = "state"
    STATES: ClassVar = (
        ("open", "Open"), ("overdue", "Overdue"), ("done", "Done"), ("all", "All"),
    )  # fmt: skip

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return list(self.STATES[1:])

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> Any:
        return in_state(rows, self.value() or "open")


def in_state(rows: Any, state: str) -> Any:
    match state:
        case "open":
            return rows.open()
        case "overdue":
            return rows.overdue(timezone.now())
        case "done":
            return rows.filter(status=Task.Status.DONE)
    return rows


def due_label(task: Task) -> Label:
    if task.status == Task.Status.DONE:
        return Label("Done", "good", moment(task.closed_at) if task.closed_at else "")
    return due(task.due_at)


@admin.register(Task)
class TaskAdmin(VersionedAdmin):
    list_display = ("task", "about", "due_label", "opened")
    list_filter = (StateFilter, "kind")
    list_select_related = ("customer", "opened_by")
    ordering = ("due_at", "id")
    sortable_by = ()
    search_fields = ("customer",)  # found_by decides
    search_help_text = "Customer: name, public id, e-mail or phone"
    empty_value_display = "\N{EN DASH}"
    empty_fact = "No open tasks."
    empty_advice = "Changes of verified customers and adverse verdicts open them."

    # --- the list --------------------------------------------------------------
    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        answer: HttpResponse = super().changelist_view(
            request, {"views": self._views(request), **(extra_context or {})}
        )
        return answer

    def _views(self, request: HttpRequest) -> list[dict[str, Any]]:
        rows = self.get_queryset(request).order_by()
        here = request.GET.get("state", "open")
        return [
            {
                "name": name,
                "url": "?" if state == "open" else f"?state={state}",
                "count": in_state(rows, state)[:COUNT_NO_FURTHER].count()
                if state in ("open", "overdue")
                else None,
                "is_active": state == here,
            }
            for state, name in StateFilter.STATES
        ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = clean(search_term)[:200]
        if not term:
            return queryset, False
        found = Customer.objects.for_user(request.user).found_by(term).order_by()
        return queryset.filter(customer__in=found.values("pk")), False

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

    @admin.display(description="Opened by")
    def opened(self, row: Task) -> SafeString:
        return two_lines(str(row.opened_by), day(row.opened_at))

    # --- one task ----------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("customer", "opened_by")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:  # fmt: skip
        del form_url, extra_context
        if not self.has_view_permission(request):
            raise PermissionDenied
        task = self.get_object_or_404(request, object_id)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": task,
            "title": str(task),
            "facts": self._facts(task),
            "links": [{"verb": "Versions", "url": self._versions_url(task)}],
            "deeds": self._deeds(request, task),
        }
        return TemplateResponse(request, "face/record.html", context)

    def _facts(self, task: Task) -> list[tuple[str, Any]]:
        facts: list[tuple[str, Any]] = [
            ("Customer", self.about(task)),
            ("Why", reason_words(task)),
            ("Due", label_html(due_label(task))),
            ("Opened", f"{moment(task.opened_at)}, {task.opened_by}"),
        ]
        if task.closed_at:
            closed = task.history.select_related("history_user").first()
            facts.append(("Closed", f"{moment(task.closed_at)}, {closed.history_user}"))
            facts.append(("Outcome", task.outcome))
        return facts

    def _deeds(self, request: HttpRequest, task: Task) -> list[dict[str, Any]]:
        if task.status == Task.Status.DONE:
            return []
        if not request.user.has_perm("registry.close_task"):
            return []
        url = reverse("admin:registry_task_close", args=[task.pk])
        return [{"verb": "Close task", "url": url, "is_dialog": True}]

    def get_urls(self) -> list[URLPattern]:
        close = path(
            "<uuid:task_id>/close/",
            self.admin_site.admin_view(self.close),
            name="registry_task_close",
        )
        return [close, *super().get_urls()]

    def close(self, request: HttpRequest, task_id: UUID) -> HttpResponse:
        """Ask what came of it."""
        require(request, "registry.close_task")
        task = self.get_object_or_404(request, str(task_id))

        def act(form: Any) -> str:
            outcome = form.cleaned_data["outcome"]
            close_task(task.pk, outcome=outcome, by=request.user)  # type: ignore[arg-type]
            return reverse("admin:registry_task_changelist")

        dialog = Dialog(
            title=f"Close: {str(task).lower()}",
            description=f"The task about {task.customer.name} leaves the list."
            " The customer stays as they are.",
            submit="Close task",
            form_class=OutcomeForm,
        )
        return ask(request, dialog, object_id=task.pk, act=act, done="Task closed.")
