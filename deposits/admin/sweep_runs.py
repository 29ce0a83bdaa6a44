"""Runs of the nightly activity sweep: the list, and the report of each."""

from functools import partial
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common import face
from common.admin import HouseAdmin
from common.lists.columns import Cells
from customers.registry.choices import Activity
from customers.registry.models import Customer
from deposits.admin.dormancy import end_page
from deposits.admin.months import months_page
from deposits.models import SweepRun
from events.admin.nightly import run_label
from events.models import NightlyRun


@admin.register(SweepRun)
class SweepRunAdmin(HouseAdmin):
    """Records without versions, and without a customer's name."""

    list_display = ("day", "state", "customers", "accounts", "failed", "begun", "took")
    has_versions = False
    export_permission = "exports.request_export"
    export_cells: ClassVar[Cells] = {
        "day": (("Day", "run.counted_on"),),
        "state": (("Status", lambda run: status_label(run).word),),
        "customers": (("Customers changed", "changed"),),
        "accounts": (("Accounts changed", "accounts_changed"),),
        "failed": (("Errors", "error_count"),),
        "begun": (("Started", "run.started_at"),),
        "took": (("Finished", "run.finished_at"),),
    }
    list_filter = ("run__status",)
    list_select_related = ("run",)
    sortable_by = ()
    ordering = ("-id",)
    empty_value_display = "\N{EN DASH}"
    empty_fact = "No sweep yet."
    empty_advice = "Each night at 02:00 customers are sorted by their last activity."

    def get_urls(self) -> list[URLPattern]:
        page = partial(months_page, site=self.admin_site)
        of_customer = path(
            "of/<uuid:customer_id>/",
            self.admin_site.admin_view(page),
            name="deposits_activity_months",
        )
        end_dormancy = path(
            "of/<uuid:customer_id>/end-dormancy/",
            self.admin_site.admin_view(end_page),
            name="deposits_activity_end_dormancy",
        )
        return [of_customer, end_dormancy, *super().get_urls()]

    @admin.display(description="Day")
    def day(self, run: SweepRun) -> str:
        return face.day(run.counted_on)

    @admin.display(description="Status")
    def state(self, run: SweepRun) -> SafeString:
        return face.label_html(status_label(run))

    @admin.display(description="Customers changed")
    def customers(self, run: SweepRun) -> str:
        return f"{run.changed:,}"

    @admin.display(description="Accounts changed")
    def accounts(self, run: SweepRun) -> str:
        return f"{run.accounts_changed:,}"

    @admin.display(description="Errors")
    def failed(self, run: SweepRun) -> str | None:
        return f"{run.error_count:,}" if run.error_count else None

    @admin.display(description="Started")
    def begun(self, run: SweepRun) -> str:
        return face.moment(run.run.started_at)

    @admin.display(description="Took")
    def took(self, run: SweepRun) -> str | None:
        begun, ended = run.run.started_at, run.run.finished_at
        return face.age(ended - begun) if ended else None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).select_related("run")
        return rows

    def show(self, request: HttpRequest, row: SweepRun) -> HttpResponse:
        return self.record(
            request, row,
            title=f"Activity sweep, {face.day(row.counted_on)}",
            facts=self._facts(request, row),
            panels=[_changes(row), _examples(request, row), _errors(row)],
        )  # fmt: skip

    def _facts(self, request: HttpRequest, run: SweepRun) -> list[tuple[str, Any]]:
        again = run.run.starts - 1
        times = "once" if again == 1 else f"{again} times"
        return [
            ("Status", self.state(run)),
            ("Started", self.begun(run)),
            ("Took", self.took(run)),
            ("Broken off", f"{times}, and taken up again" if again else ""),
            ("Inactive", f"after {run.inactive_after_days} days"),
            ("Suspended", f"after {run.suspended_after_days:,} days"),
            ("Customers changed", self.customers(run)),
            ("Accounts changed", self.accounts(run)),
            ("Errors", self.failed(run)),
            ("Nightly run", _run_link(request, run)),
        ]


def status_label(run: SweepRun) -> face.Label:
    if run.run.status == NightlyRun.Status.DONE and run.error_count:
        return face.Label("Done with errors", "warn")
    return run_label(run.run)


def _run_link(request: HttpRequest, run: SweepRun) -> SafeString | None:
    """Where the last error stands, for whoever may see nightly runs."""
    if not request.user.has_perm("events.view_nightlyrun"):
        return None
    url = reverse("admin:events_nightlyrun_change", args=[run.run_id])
    return format_html('<a class="v-a" href="{}">{}</a>', url, run.run)


def _words(old: str, new: str) -> str:
    before, after = Activity(old).label, Activity(new).label
    return f"{before} → {after.lower()}"


def _changes(run: SweepRun) -> dict[str, Any]:
    return {
        "title": "Changes",
        "rows": [
            {"title": _words(*change.split()), "value": f"{count:,}"}
            for change, count in sorted(run.changes.items())
        ],
        "empty_fact": "Nobody’s activity changed.",
    }


def _examples(request: HttpRequest, run: SweepRun) -> dict[str, Any]:
    """Numbers lead to the customer for those who may see customers."""
    pages: dict[str, str] = {}
    if request.user.has_perm("registry.view_customer"):
        numbers = [row["customer"] for row in run.examples]
        known = Customer.objects.for_user(request.user).filter(public_id__in=numbers)
        pages = {
            number: reverse("admin:registry_customer_change", args=[key])
            for key, number in known.values_list("pk", "public_id")
        }
    return {
        "title": "Examples",
        "note": "at most 20",
        "rows": [
            {
                "title": row["customer"],
                "url": pages.get(row["customer"], ""),
                "meta": f"Last activity {row['last_on']}",
                "value": _words(row["from"], row["to"]),
            }
            for row in run.examples
        ],
        "empty_fact": "Nobody’s activity changed.",
    }


def _errors(run: SweepRun) -> dict[str, Any]:
    shown = len(run.errors)
    return {
        "title": "Errors",
        "note": f"{shown} of {run.error_count:,}" if run.error_count > shown else "",
        "rows": [
            {"title": row["customer"], "meta": row["error"]} for row in run.errors
        ],
        "empty_fact": "Everybody could be dealt with.",
    }
