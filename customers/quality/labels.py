"""How findings look and where staff mend them."""

from django.urls import reverse

from common.face import Label, Tone, day
from customers.quality.choices import Severity
from customers.quality.models import Finding
from customers.registry.choices import LIVING
from customers.registry.models import Customer
from tenants.models import User

CUSTOMER = "admin:registry_customer_change"
_TONES: dict[Severity, Tone] = {
    Severity.HIGH: "high", Severity.MEDIUM: "medium", Severity.LOW: "low",
}  # fmt: skip
SEE_REASONS = "registry.view_task"  # who may read compliance's words about a customer


def severity_label(severity: Severity | None) -> Label | None:
    if severity is None:
        return None
    return Label(str(severity.label), _TONES[severity])


def severity_of(finding: Finding) -> Label | None:
    known = finding.known_rule
    return severity_label(known.severity if known else None)


def state_label(finding: Finding) -> Label:
    if finding.closed_on:
        return Label(f"Closed {day(finding.closed_on, short=True)}", "good")
    if finding.accepted_at:
        return Label("Accepted", "quiet")
    return Label("Open", "wait")


def mending_url(finding: Finding, customer: Customer, user: User) -> str:
    """The form, at its field, for whoever may change it; "" for all others."""
    known = finding.known_rule
    may = user.has_perm("registry.update_customer") and customer.status in LIVING
    if known is None or not may or finding.closed_on:
        return ""
    if not known.page:
        return ""
    page, _, anchor = known.page.partition("#")
    if not anchor and finding.detail:
        anchor = f"id_{finding.detail.partition(',')[0]}"
    url = reverse(f"admin:registry_customer_{page}", args=[customer.pk])
    return f"{url}#{anchor}" if anchor else url


def customer_url(customer: Customer) -> str:
    return reverse(CUSTOMER, args=[customer.pk])
