"""The list of tasks as a desk: whose they are as tabs, and what narrows them."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.db.models import Count, Min, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from common.face import age
from customers.registry.models import Task, TaskKind
from customers.registry.models.task import NOBODYS
from tenants.models import User

KIND = "kind__exact"
TAB = "tab"
TABS = (
    ("mine", "Mine"), ("unassigned", "Unassigned"), ("", "All open"), ("done", "Done"),
)  # fmt: skip


class TabFilter(admin.SimpleListFilter):
    """All open ones unless told; the tabs above the list are these four."""

    title = "tab"
    parameter_name = TAB

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return [(tab, name) for tab, name in TABS if tab]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> Any:
        tasks: Any = rows
        match self.value():
            case "mine":
                return tasks.held_by(request.user)
            case "unassigned":
                return tasks.unassigned()
            case "done":
                return tasks.filter(status=Task.Status.DONE)
        return tasks.open()


class OverdueFilter(admin.SimpleListFilter):
    title = "due"
    parameter_name = "overdue"
    YES: ClassVar = "yes"

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return [(self.YES, "Overdue")]

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> Any:
        tasks: Any = rows
        return tasks.overdue(timezone.now()) if self.value() == self.YES else rows


class AssigneeFilter(admin.SimpleListFilter):
    """Whoever handles tasks at the institution."""

    title = "taken by"
    parameter_name = "assignee"

    def lookups(self, request: HttpRequest, *_: Any) -> list[tuple[str, str]]:
        return [(str(person.pk), str(person)) for person in handlers_of(request.user)]

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> Any:
        value = self.value()
        if not value:
            return rows
        known = {key for key, _name in self.lookup_choices}
        return rows.filter(assignee_id=UUID(value)) if value in known else rows.none()


def handlers_of(user: Any) -> QuerySet[User]:
    """Colleagues of `user`, themselves included, who may handle tasks."""
    by_role = Q(
        groups__permissions__codename="close_task",
        groups__permissions__content_type__app_label="registry",
    )
    staff = User.objects.filter(kind=User.Kind.STAFF, is_active=True)
    of_bank = staff.filter(tenant_id=user.tenant_id, tenant__isnull=False)
    return of_bank.filter(by_role | Q(is_superuser=True)).distinct().order_by("name")


def kind_in(asked: QueryDict) -> TaskKind | None:
    """The kind that an address or a form names, if there is such a kind."""
    kind = asked.get(KIND, "")
    return TaskKind(kind) if kind in TaskKind.values else None


def tabs_of(request: HttpRequest, tasks: Any) -> list[dict[str, Any]]:
    """The tabs with how many and how old; a kind once chosen stays chosen."""
    kind = kind_in(request.GET)
    counts = _counts(tasks.filter(kind=kind) if kind else tasks, request.user)
    here = request.GET.get(TAB, "")
    return [
        {
            "name": name,
            "url": _address(tab, kind),
            "count": counts.get(tab),
            "is_active": tab == here,
        }
        for tab, name in TABS
    ]


def _counts(tasks: Any, user: Any) -> dict[str, str]:
    """How many each tab has, and the age of its oldest: "4, oldest 2 d 6 h"."""
    whose = {"mine": Q(assignee=user), "unassigned": NOBODYS, "": Q()}
    asked: dict[str, Any] = {}
    for tab, which in whose.items():
        asked[f"count_{tab}"] = Count("pk", filter=which)
        asked[f"oldest_{tab}"] = Min("opened_at", filter=which)
    found = tasks.open().aggregate(**asked)
    now = timezone.now()
    said = {}
    for tab in whose:
        oldest = found[f"oldest_{tab}"]
        since = f", oldest {age(now - oldest)}" if oldest else ""
        said[tab] = f"{found[f'count_{tab}']}{since}"
    return said


def _address(tab: str, kind: TaskKind | None) -> str:
    kept = QueryDict(mutable=True)
    if tab:
        kept[TAB] = tab
    if kind:
        kept[KIND] = kind.value
    return f"?{kept.urlencode()}"
