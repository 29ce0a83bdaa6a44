"""Findings: the list, the page of each, and what may be done with it."""

from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from unfold.forms import BaseDialogForm

from common.admin import COUNT_NO_FURTHER, HouseAdmin
from common.dialogs import Dialog, ask, require
from common.face import day, label_html, moment, two_lines
from common.lists.columns import Cells
from common.reading.fields import ReasonField
from customers.quality.admin.filters import (
    STATES,
    AgeFilter,
    RuleFilter,
    SeverityFilter,
    StateFilter,
    in_state,
)
from customers.quality.admin.overview import ask_now, overview_page, progress_part
from customers.quality.labels import (
    SEE_REASONS,
    customer_url,
    mending_url,
    severity_of,
    state_label,
)
from customers.quality.models import Finding
from customers.quality.services import (
    MAX_REASON,
    accept_finding,
    withdraw_acceptance,
)
from customers.registry.search.listing import OF_CUSTOMER, AboutCustomers

PAGE = "admin:quality_finding_change"
ACCEPT = "quality.accept_finding"


class AcceptForm(BaseDialogForm):  # type: ignore[misc]
    reason = ReasonField(
        "Kept with your name; the front line does not see it.",
        longest=MAX_REASON,
        is_long=True,
    )


@admin.register(Finding)
class FindingAdmin(AboutCustomers, HouseAdmin):
    """Records of a machine, without versions."""

    has_versions = False
    list_display = ("of_customer", "what", "severity", "state", "since")
    export_permission = "exports.request_export"
    export_cells: ClassVar[Cells] = {
        "of_customer": OF_CUSTOMER,
        "what": (("Finding", "title"), ("Found", "detail_words")),
        "severity": (("Severity", lambda row: getattr(severity_of(row), "word", "")),),
        "state": (("State", lambda row: state_label(row).word),
                  ("Closed", "closed_on")),
        "since": (("Open since", "opened_on"), ("Last seen", "last_seen_on")),
    }  # fmt: skip
    list_filter = (StateFilter, RuleFilter, SeverityFilter, AgeFilter)
    list_select_related = ("customer",)
    sortable_by = ()
    empty_value_display = "\N{EN DASH}"
    empty_fact = "Nothing found."
    empty_advice = (
        "The rules look at every customer each night. Other states are above."
    )

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """What has been open for longest comes first; of what is over, the newest."""
        is_open = request.GET.get(StateFilter.parameter_name, "open") == "open"
        return ("opened_on", "id") if is_open else ("-opened_on", "-id")

    def get_list_display(self, request: HttpRequest) -> Any:
        """The verb of a row leads the reader; the admin is shared by all of them."""
        verb = partial(_verb, user=request.user)
        verb.short_description = ""  # type: ignore[attr-defined]
        verb.__name__ = "verb"  # type: ignore[attr-defined]
        return (*super().get_list_display(request), verb)

    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        views = {"views": self._views(request), **(extra_context or {})}
        answer: HttpResponse = super().changelist_view(request, views)
        return answer

    def _views(self, request: HttpRequest) -> list[dict[str, Any]]:
        rows = Finding.objects.for_user(request.user)
        here = request.GET.get("state", "open")
        rules = {"name": "Rules", "url": reverse("admin:quality_overview")}
        return [
            {**rules, "count": None, "is_active": False},
            *(
                {
                    "name": name,
                    "url": "?" if state == "open" else f"?state={state}",
                    "count": _capped(in_state(rows, state))
                    if state in ("open", "accepted")
                    else None,
                    "is_active": state == here,
                }
                for state, name in STATES
            ),
        ]

    @admin.display(description="Finding")
    def what(self, row: Finding) -> SafeString:
        return two_lines(row.title, row.detail_words)

    @admin.display(description="Severity")
    def severity(self, row: Finding) -> SafeString:
        return label_html(severity_of(row))

    @admin.display(description="State")
    def state(self, row: Finding) -> SafeString:
        return label_html(state_label(row))

    @admin.display(description="Since")
    def since(self, row: Finding) -> str:
        return day(row.opened_on)

    # --- one finding -------------------------------------------------------------
    def show(self, request: HttpRequest, row: Finding) -> HttpResponse:
        """Show what was found and what to do."""
        facts = _facts(row, may_read=request.user.has_perm(SEE_REASONS))
        links = [{"verb": "Customer", "url": customer_url(row.customer)}]
        deeds = _deeds(row, request.user)
        return self.record(request, row, facts=facts, links=links, deeds=deeds)

    # --- addresses -----------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        view, site = self.admin_site.admin_view, self.admin_site
        own = [
            path("rules/", view(partial(overview_page, site=site)),
                 name="quality_overview"),
            path("rules/progress/", view(progress_part), name="quality_progress"),
            path("rules/check/", view(ask_now), name="quality_check"),
            path("<uuid:finding_id>/accept/", view(self.accept),
                 name="quality_finding_accept"),
            path("<uuid:finding_id>/withdraw/", view(self.withdraw),
                 name="quality_finding_withdraw"),
        ]  # fmt: skip
        return [*own, *super().get_urls()]

    def accept(self, request: HttpRequest, finding_id: UUID) -> HttpResponse:
        require(request, ACCEPT)
        row = self.get_object_or_404(request, str(finding_id))

        def act(form: Any) -> str:
            reason = form.cleaned_data["reason"]
            accept_finding(row.pk, reason=reason, by=request.user)  # type: ignore[arg-type]
            return reverse(PAGE, args=[row.pk])

        dialog = Dialog(
            title=f"Accept “{row.title}”",
            description="It does not count any more, until this data of"
            f" {row.customer.name} changes.",
            submit="Accept",
            form_class=AcceptForm,
        )
        done = "The finding is accepted."
        return ask(request, dialog, object_id=row.pk, act=act, done=done)

    def withdraw(self, request: HttpRequest, finding_id: UUID) -> HttpResponse:
        require(request, ACCEPT)
        row = self.get_object_or_404(request, str(finding_id))

        def act(_form: Any) -> str:
            withdraw_acceptance(row.pk, by=request.user)  # type: ignore[arg-type]
            return reverse(PAGE, args=[row.pk])

        dialog = Dialog(
            title=f"Count “{row.title}” again",
            description="The reason for accepting it stays among the events.",
            submit="Count again",
        )
        done = "The finding counts again."
        return ask(request, dialog, object_id=row.pk, act=act, done=done)


def _verb(row: Finding, user: Any) -> str:
    """The way to the field, or else to the customer."""
    url = mending_url(row, row.customer, user)
    said = {"verb": "Correct", "url": url} if url else {
        "verb": "Open customer", "url": customer_url(row.customer)
    }  # fmt: skip
    return render_to_string("face/_verb.html", said)


def _facts(row: Finding, *, may_read: bool) -> list[tuple[str, Any]]:
    known = row.known_rule
    facts: list[tuple[str, Any]] = [
        ("Customer", str(row.customer)),
        ("State", label_html(state_label(row))),
        ("Severity", label_html(severity_of(row))),
        ("What it means", known.says if known else "No rule of this release finds it."),
        ("Found", row.detail_words),
        ("What to do", known.advice if known else ""),
        ("Open since", day(row.opened_on)),
        ("Last seen", day(row.last_seen_on)),
    ]
    if row.closed_on:
        facts.append(("Closed", f"{day(row.closed_on)}, because the data is right"))
    if row.accepted_at:
        facts.append(("Accepted", f"{row.accepted_by}, {moment(row.accepted_at)}"))
        if may_read:
            facts.append(("Why", row.accepted_reason))
    return facts


def _deeds(row: Finding, user: Any) -> list[dict[str, Any]]:
    deeds: list[dict[str, Any]] = []
    if url := mending_url(row, row.customer, user):
        deeds.append({"verb": "Correct", "url": url})
    if row.closed_on or not user.has_perm(ACCEPT):
        return deeds
    verb, name = (
        ("Count again", "withdraw") if row.accepted_at else ("Accept", "accept")
    )
    url = reverse(f"admin:quality_finding_{name}", args=[row.pk])
    return [*deeds, {"verb": verb, "url": url, "is_dialog": True}]


def _capped(rows: QuerySet[Any]) -> int:
    return rows.order_by()[:COUNT_NO_FURTHER].count()
