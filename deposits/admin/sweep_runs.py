"""Runs of the nightly activity sweep: the list, and the report of each."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from common import face
from common.admin import HouseAdmin
from customers.registry.choices import Activity
from customers.registry.models import Customer
from deposits.models import SweepRun


@admin.register(SweepRun)
class SweepRunAdmin(HouseAdmin):
    """Records without versions, and without a customer's name."""

    list_display = ("day", "state", "customers", "accounts", "failed", "begun", "took")
    list_filter = ("status",)
    sortable_by = ()
    ordering = ("-started_at", "-id")
    empty_value_display = "\N{EN DASH}"
    empty_fact = "No sweep yet."
    empty_advice = "Each night at 02:00 customers are sorted by their last activity."

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
        return face.moment(run.started_at)

    @admin.display(description="Took")
    def took(self, run: SweepRun) -> str | None:
        return face.age(run.duration) if run.duration is not None else None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:  # fmt: skip
        """Show the report; nothing is changed here."""
        del form_url, extra_context
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = self.get_object_or_404(request, object_id)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": run,
            "title": f"Activity sweep, {face.day(run.counted_on)}",
            "facts": self._facts(run),
            "panels": [_changes(run), _examples(request, run), _errors(run)],
        }
        return TemplateResponse(request, "face/record.html", context)

    def _facts(self, run: SweepRun) -> list[tuple[str, Any]]:
        again = run.starts - 1
        times = "once" if again == 1 else f"{again} times"
        return [
            ("Status", self.state(run)),
            ("Started", face.moment(run.started_at)),
            ("Took", self.took(run)),
            ("Broken off", f"{times}, and taken up again" if again else ""),
            ("Inactive", f"after {run.inactive_after_days} days"),
            ("Suspended", f"after {run.suspended_after_days:,} days"),
            ("Customers changed", self.customers(run)),
            ("Accounts changed", self.accounts(run)),
            ("Errors", self.failed(run)),
        ]

    def history_view(self, *_: Any, **__: Any) -> HttpResponse:
        raise Http404

    def history_form_view(self, *_: Any, **__: Any) -> HttpResponse:
        raise Http404


def status_label(run: SweepRun) -> face.Label:
    if run.status == SweepRun.Status.RUNNING:
        return face.Label(run.get_status_display(), "wait")
    if run.error_count:
        return face.Label("Done with errors", "warn")
    return face.Label(run.get_status_display(), "good")


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
