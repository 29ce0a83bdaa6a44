"""The page of the rules: how many each found, since when, and the run of the night."""

from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from common.dialogs import Dialog, ask, require
from common.face import Label, age, moment
from customers.quality.choices import Severity
from customers.quality.labels import severity_label
from customers.quality.models import Finding
from customers.quality.rules.board import RULES, Rule
from customers.quality.services import NIGHTLY, ask_check, is_waiting
from customers.quality.trend import HEIGHT, WIDTH, Trend, trends_of
from events.models import NightlyRun
from tenants.models import Tenant, User

SEE, RUN = "quality.view_finding", "quality.run_check"
TEMPLATE, PART = "quality/overview.html", "quality/_last_run.html"
CHECK = Dialog(
    title="Check data quality now",
    description="A worker looks at every customer, as it does each night at 04:00."
    " Nothing but findings changes.",
    submit="Check now",
)
_WORST_FIRST = list(Severity)


@require_safe
def overview_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Show each rule with its count; those that found most come first."""
    require(request, SEE)
    tenant = _tenant_of(request.user)
    request.crumb = "Rules"  # type: ignore[attr-defined]
    context = {
        **site.each_context(request),
        "opts": Finding._meta,  # noqa: SLF001 - the crumbs lead through the findings
        "title": "Data quality",
        "rows": _rows(tenant) if tenant else [],
        "width": WIDTH,
        "height": HEIGHT,
        "list_url": _list_url(),
        "check_url": _check_url(request) if tenant else "",
        **last_run(tenant),
    }
    return _private(TemplateResponse(request, TEMPLATE, context))


@require_safe
def progress_part(request: HttpRequest) -> HttpResponse:
    """The panel of the last run, which asks again while one runs."""
    require(request, SEE)
    return _private(render(request, PART, last_run(_tenant_of(request.user))))


def ask_now(request: HttpRequest) -> HttpResponse:
    """Ask for a check of all customers; a worker does it."""
    require(request, RUN)
    by: Any = request.user
    tenant = _tenant_of(by)

    def act(_form: Any) -> str:
        if tenant:
            ask_check(tenant, by=by)
        return reverse("admin:quality_overview")

    done = "The check begins as soon as a worker is free."
    return ask(request, CHECK, object_id="", act=act, done=done)


def _tenant_of(user: User | Any) -> Tenant | None:
    return getattr(user, "tenant", None)


def _private(answer: HttpResponse) -> HttpResponse:
    patch_cache_control(answer, no_store=True, private=True)
    return answer


def _list_url(**narrowed: str) -> str:
    query = "&".join(f"{key}={value}" for key, value in narrowed.items())
    url = reverse("admin:quality_finding_changelist")
    return f"{url}?{query}" if query else url


def _check_url(request: HttpRequest) -> str:
    return reverse("admin:quality_check") if request.user.has_perm(RUN) else ""


def _rows(tenant: Tenant) -> list[dict[str, Any]]:
    findings = Finding.objects.for_tenant(tenant.pk)
    counted = findings.counting().order_by().values("rule").annotate(n=Count("pk"))
    accepted = findings.accepted().order_by().values("rule").annotate(n=Count("pk"))
    open_now = dict.fromkeys(RULES, 0)
    open_now |= {row["rule"]: row["n"] for row in counted if row["rule"] in RULES}
    accepted_now = {row["rule"]: row["n"] for row in accepted}
    trends = trends_of(tenant, open_now, tenant.today)
    rules = sorted(RULES.values(), key=lambda rule: _order(rule, open_now[rule.key]))
    return [
        _row(rule, open_now[rule.key], accepted_now.get(rule.key, 0), trends[rule.key])
        for rule in rules
    ]


def _order(rule: Rule, count: int) -> tuple[bool, int, int, str]:
    """Those that found something first, by severity, then by count."""
    return not count, _WORST_FIRST.index(rule.severity), -count, rule.title


def _row(rule: Rule, count: int, accepted: int, trend: Trend) -> dict[str, Any]:
    return {
        "rule": rule,
        # Colour is for what needs a person.
        "severity": severity_label(rule.severity) if count else _calm(rule.severity),
        "count": f"{count:,}",
        "url": _list_url(rule=rule.key) if count else "",
        "accepted": f"{accepted:,} accepted" if accepted else "",
        "trend": trend,
    }


def _calm(severity: Severity) -> Label:
    return Label(str(severity.label), "quiet")


def last_run(tenant: Tenant | None) -> dict[str, Any]:
    """What the panel says of the newest run; `progress_url` while one is under way."""
    if tenant is None:
        return {}
    runs = NightlyRun.objects.of(tenant, NIGHTLY)
    run = runs.order_by("-started_at", "-id").first()
    state = run_state(run, is_asked=is_waiting(tenant))
    is_moving = state.word in ("Running", "Waits for a worker")
    return {
        "run": run,
        "run_state": state,
        "run_facts": _run_facts(run) if run else [],
        "progress_url": reverse("admin:quality_progress") if is_moving else "",
    }


def run_state(run: NightlyRun | None, *, is_asked: bool) -> Label:
    is_open = run is not None and run.status == NightlyRun.Status.RUNNING
    if run and is_open and run.leased_until and run.leased_until >= timezone.now():
        return Label("Running", "wait")
    if is_asked:
        return Label("Waits for a worker", "wait")
    if run is None:
        return Label("Not run yet", "quiet")
    if is_open:
        return Label("Broken off, tried again within the hour", "warn")
    return Label("Done", "good")


def _run_facts(run: NightlyRun) -> list[tuple[str, str]]:
    facts = [("Began", moment(run.started_at))]
    if run.finished_at:
        facts.append(("Took", age(run.finished_at - run.started_at)))
    names = {
        "customers": "Customers looked at", "opened": "Findings opened",
        "closed": "Findings closed", "open": "Open in the end",
        "errors": "Files that no key opens",
    }  # fmt: skip
    figures = run.figures
    return facts + [
        (name, f"{figures[key]:,}") for key, name in names.items() if key in figures
    ]
