"""Nightly runs: what the night's jobs did, and which of them failed."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from common import worklist
from common.face import Label, age, day, label_html, moment
from events.admin.records import RecordAdmin, reading
from events.models import NightlyRun
from events.nightly import NIGHTLIES
from tenants.models import User

LONGEST_ERROR = 160  # characters in the list; the page shows all
# The hourly start takes a broken run up; one that is older fails again and again.
TAKEN_UP_WITHIN = timedelta(hours=2)


def run_label(run: NightlyRun) -> Label:
    if run.status == NightlyRun.Status.DONE:
        return Label("Done", "good")
    if run.leased_until and run.leased_until >= timezone.now():
        return Label("Running", "wait")
    return Label("Failed", "stop") if run.last_error else Label("Broken off", "warn")


def figures_words(run: NightlyRun) -> str:
    """As the job counts: "customers 5,000, opened 12"."""
    return ", ".join(f"{key} {count:,}" for key, count in sorted(run.figures.items()))


def job_title(name: str) -> str:
    known = NIGHTLIES.get(name)
    return known.title if known else name.replace("_", " ").capitalize()


def failing(now: Any) -> Q:
    """Runs that failed and that nobody works on, and those dropped for long."""
    dropped = Q(status=NightlyRun.Status.RUNNING, leased_until__lt=now)
    return dropped & (~Q(last_error="") | Q(leased_until__lt=now - TAKEN_UP_WITHIN))


@worklist.health("events.view_nightlyrun")
def nightly_health(user: User) -> list[Label]:
    """A line for each job that failed; silence is what all want."""
    rows = NightlyRun.objects.for_user(user).filter(failing(timezone.now()))
    return [
        Label(f"Nightly run failed: {job_title(run.name).lower()}", "stop", str(run))
        for run in rows.order_by("name")
    ]


class JobFilter(admin.SimpleListFilter):
    """The jobs of this release; asking the table would read all of it."""

    title = "job"
    parameter_name = "job"

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return sorted((name, job_title(name)) for name in NIGHTLIES)

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(name=self.value()) if self.value() else rows


class StateFilter(admin.SimpleListFilter):
    title = "status"
    parameter_name = "state"

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return [("failed", "Failed"), ("running", "Not done"), ("done", "Done")]

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "failed":
                return rows.filter(failing(timezone.now()))
            case "running":
                return rows.filter(status=NightlyRun.Status.RUNNING)
            case "done":
                return rows.filter(status=NightlyRun.Status.DONE)
        return rows


@admin.register(NightlyRun)
class NightlyRunAdmin(RecordAdmin):
    list_display = ("counted", "job", "state", "starts", "took", "what", "error")
    list_filter = (JobFilter, StateFilter)
    ordering = ("-started_at", "-id")
    empty_fact = "No nightly run yet."
    empty_advice = "Each job runs once a night, at its hour at the institution."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        seen: QuerySet[Any] = reading(super().get_queryset(request), request.user)
        return seen

    @admin.display(description="Day")
    def counted(self, run: NightlyRun) -> str:
        return day(run.counted_on)

    @admin.display(description="Job")
    def job(self, run: NightlyRun) -> str:
        return job_title(run.name)

    @admin.display(description="Status")
    def state(self, run: NightlyRun) -> SafeString:
        return label_html(run_label(run))

    @admin.display(description="Took")
    def took(self, run: NightlyRun) -> str | None:
        return age(run.finished_at - run.started_at) if run.finished_at else None

    @admin.display(description="Figures")
    def what(self, run: NightlyRun) -> str | None:
        return figures_words(run) or None

    @admin.display(description="Last error")
    def error(self, run: Any) -> str | None:
        return Truncator(_error_words(run)).chars(LONGEST_ERROR) or None

    def facts_of(self, run: Any) -> list[tuple[str, Any]]:
        again = run.starts - 1
        times = "once" if again == 1 else f"{again} times"
        return [
            ("Job", self.job(run)),
            ("Day", day(run.counted_on)),
            ("Status", self.state(run)),
            ("Started", moment(run.started_at)),
            ("Took", self.took(run)),
            ("Broken off", f"{times}, and taken up again" if again else ""),
            ("Figures", figures_words(run)),
            ("Last error", _error_words(run)),
        ]


def _error_words(run: Any) -> str:
    """A database quotes what it was sent, and that may be about a customer."""
    if not run.last_error or run.may_see_customer:
        return str(run.last_error)
    kind, _, _ = run.last_error.partition(":")
    return f"{kind}. The rest is not shown: it may name a customer."
