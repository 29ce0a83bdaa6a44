"""What the rules found, on the page of the customer it is about."""

from typing import Any

from django.urls import reverse

from common.face import day
from customers.quality.choices import Severity
from customers.quality.labels import mending_url, severity_of
from customers.quality.models import Finding
from customers.registry import customer_page
from customers.registry.customer_page import Panel, PanelView
from customers.registry.models import Customer
from tenants.models import User

ORDER = 65  # behind the profile, of which it speaks
_WORST_FIRST = list(Severity)


def quality_panel(customer: Customer, user: User) -> PanelView | None:
    """What counts, the worst first; nothing where the data is right."""
    rows = Finding.objects.for_tenant(customer.tenant_id).counting()
    found = sorted(rows.filter(customer=customer), key=_worst_first)
    if not found:
        return None
    return PanelView(
        note=f"{len(found)} {'finding' if len(found) == 1 else 'findings'}",
        rows=[_row(finding, customer, user) for finding in found],
    )


def _worst_first(finding: Finding) -> tuple[int, object]:
    known = finding.known_rule
    place = _WORST_FIRST.index(known.severity) if known else len(_WORST_FIRST)
    return place, finding.opened_on


def _row(finding: Finding, customer: Customer, user: User) -> dict[str, Any]:
    row: dict[str, Any] = {
        "label": severity_of(finding),
        "title": finding.title,
        "meta": finding.detail_words,
        "url": reverse("admin:quality_finding_change", args=[finding.pk]),
        "note": f"since {day(finding.opened_on, short=True)}",
    }
    if url := mending_url(finding, customer, user):
        row |= {"verb": "Correct", "verb_url": url}
    return row


customer_page.pin(
    Panel(
        key="quality",
        title="Data quality",
        permission="quality.view_finding",
        build=quality_panel,
        order=ORDER,
    )
)
