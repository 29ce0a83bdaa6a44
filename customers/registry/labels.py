"""Statuses of a customer as shape and word, and the verdict in one sentence."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone

from common.face import Label, Tone, day
from customers.registry.choices import (
    Activity,
    DeclineReason,
    KycStatus,
    Status,
    SuspensionReason,
)
from customers.registry.models import Customer, Task

DORMANT = "Suspended for dormancy: compliance decides."
WARN_BEFORE = timedelta(days=60)  # the first reminder of an expiring KYC

_STATUS: dict[str, Tone] = {
    Status.ACTIVE: "good",
    Status.SUSPENDED: "stop",
    Status.OFFBOARDED: "ended",
    Status.ARCHIVED: "ended",
}
_KYC: dict[str, Tone] = {
    KycStatus.PENDING: "wait",
    KycStatus.VERIFIED: "good",
    KycStatus.REJECTED: "stop",
}
_ACTIVITY: dict[str, Tone] = {
    Activity.ACTIVE: "good",
    Activity.INACTIVE: "quiet",
    Activity.SUSPENDED: "stop",
}
_RISK: dict[str, Tone] = {"low": "low", "medium": "medium", "high": "high"}
_NEXT_STEP: dict[str, str] = {
    SuspensionReason.KYC_EXPIRED: "Approve the renewal, then reinstate.",
    SuspensionReason.DUE_DILIGENCE: "Complete due diligence, then reinstate.",
}

TierNames = Callable[[UUID], dict[int, str]]
_tier_names: list[TierNames] = []


@dataclass(frozen=True)
class Verdict:
    tone: str
    lead: str
    sentence: str


def status_label(customer: Customer) -> Label:
    return Label(customer.get_status_display(), _STATUS[customer.status])


def kyc_label(customer: Customer, today: date) -> Label:
    is_verified = customer.kyc_status == KycStatus.VERIFIED
    if is_verified and customer.is_kyc_expired(today):
        return Label("Verified, expired", "warn")
    return Label(customer.get_kyc_status_display(), _KYC[customer.kyc_status])


def activity_label(customer: Customer) -> Label:
    return Label(customer.get_activity_display(), _ACTIVITY[customer.activity])


def risk_label(customer: Customer) -> Label | str:
    if not customer.risk:
        return ""
    return Label(customer.get_risk_display(), _RISK[customer.risk])


def name_tiers(provider: TierNames) -> TierNames:
    """Let the app that keeps tiers say what an institution calls them."""
    _tier_names.append(provider)
    return provider


def tier_names(tenant_id: UUID) -> dict[int, str]:
    """What the institution calls its tiers: one query, so ask once for a page."""
    found: dict[int, str] = {}
    for provider in _tier_names:
        found |= provider(tenant_id)
    return found


def tier_words(customer: Customer, names: dict[int, str]) -> str:
    """Write "4 Business"; the number alone where the tier has no name yet."""
    return f"{customer.tier} {names.get(customer.tier, '')}".strip()


def reason_words(task: Task) -> str:
    return task.reason.replace("_", " ")


def verdict(customer: Customer) -> Verdict:
    """May they act, and why not: the first thing staff read."""
    match customer.status:
        case Status.SUSPENDED:
            return _suspended(customer)
        case Status.OFFBOARDED | Status.ARCHIVED:
            return _ended(customer)
    match customer.kyc_status:
        case KycStatus.PENDING:
            return Verdict(
                "quiet", "Not yet.", "KYC is pending, so no account can be opened."
            )
        case KycStatus.REJECTED:
            return Verdict(
                "warn", "Not yet.", "KYC was rejected; compliance may start it again."
            )
    return _verified(customer)


def _suspended(customer: Customer) -> Verdict:
    since = customer.status_changed_at
    on = f" on {day(since)}" if since else ""
    known = customer.status_reason in SuspensionReason.values
    why = SuspensionReason(customer.status_reason).label if known else ""
    because = f" because {why}" if why else ""
    next_step = _NEXT_STEP.get(customer.status_reason, "Compliance decides.")
    return Verdict("stop", "May not operate.", f"Suspended{on}{because}. {next_step}")


def _ended(customer: Customer) -> Verdict:
    since = customer.status_changed_at
    on = f" on {day(since)}" if since else ""
    if customer.status_reason in DeclineReason.values:
        why = DeclineReason(customer.status_reason).label
        return Verdict("ended", "Ended.", f"Declined{on}: {why}.")
    return Verdict("ended", "Ended.", f"{customer.get_status_display()}{on}.")


def _verified(customer: Customer) -> Verdict:
    until = customer.kyc_expires_on
    today = timezone.localdate()
    if until and until <= today:
        return Verdict(
            "warn", "May operate.", f"KYC expired on {day(until)}: renew it."
        )
    if until and until - today <= WARN_BEFORE:
        lead = f"May operate until {day(until)}."
        return Verdict("warn", lead, "KYC is due by then.")
    if customer.activity == Activity.SUSPENDED:
        return Verdict("stop", "May not operate.", DORMANT)
    if customer.activity != Activity.ACTIVE:
        return Verdict("quiet", "Nearly.", "Verified; the account is being opened.")
    return Verdict(
        "good", "May operate.", f"KYC is valid until {day(until)}." if until else ""
    )
