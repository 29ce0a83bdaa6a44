"""What verification pins on the customer page, and what customers wait for."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils import timezone

from common.face import Label, due
from common.memory import asked_once
from customers.registry import customer_page
from customers.registry.customer_page import Deed, MissingItem, Panel, PanelView
from customers.registry.models import LIVING, Customer, KycStatus
from customers.tiers.models import EvidenceKind
from customers.tiers.ways import Way, way_to
from kyc.labels import (
    attempt_label,
    attempt_meta,
    attempt_title,
    is_by_hand,
    label_words,
)
from kyc.models import Applicant, Difference
from kyc.services import (
    RENEWAL_OPENS_DAYS,
    refusal_to_start,
    takes_link,
)
from kyc.verdicts import what_holds_back
from tenants.models import User

ATTEMPTS_SHOWN = 5
Status = Applicant.Status

_WAITS = {
    Status.STARTED: "KYC link unused",
    Status.IN_REVIEW: "Sumsub’s review",
    Status.ON_HOLD: "Sumsub’s review",
    Status.NEEDS_USER: "New documents from the customer",
    Status.RESUBMIT: "New documents from the customer",
}
_NOTES = {
    **_WAITS,
    Status.STARTED: "link unused",
    Status.NEEDS_USER: "new documents from the customer",
    Status.RESUBMIT: "new documents from the customer",
}


@asked_once
def _attempts(customer: Customer) -> list[Applicant]:
    rows = Applicant.objects.filter(customer=customer).order_by("-started_at", "-id")
    attempts = list(rows[:ATTEMPTS_SHOWN])
    for attempt in attempts:
        attempt.customer = customer
    return attempts


def _newest(customer: Customer) -> Applicant | None:
    return next(iter(_attempts(customer)), None)


def start_url(customer: Customer) -> str:
    return reverse("admin:kyc_start", args=[customer.pk])


def _verb(customer: Customer, newest: Applicant | None, user: User) -> str:
    """The verb this user may press now, or ""."""
    if not user.has_perm("kyc.start_kyc"):
        return ""
    if refusal_to_start(customer, newest, user):
        return ""
    return "New link" if newest and takes_link(newest) else "Start KYC"


def is_wanted(customer: Customer) -> bool:
    """Whether an approval is missing: never given, or about to run out."""
    if customer.status not in LIVING:
        return False
    if customer.kyc_status != KycStatus.VERIFIED:
        return True
    ends_on = customer.kyc_expires_on
    if ends_on is None:
        return False
    return (ends_on - customer.tenant.today).days <= RENEWAL_OPENS_DAYS


@customer_page.deeds
def offer_start(customer: Customer, user: User) -> Iterable[Deed]:
    newest = _newest(customer)
    verb = _verb(customer, newest, user)
    if not verb:
        return
    is_at_sumsub = newest and newest.status in (Status.IN_REVIEW, Status.ON_HOLD)
    yield Deed(
        title="New KYC link" if verb == "New link" else verb,
        url=start_url(customer),
        icon="verified_user",
        order=10,
        is_primary=is_wanted(customer) and not is_at_sumsub,
    )


@customer_page.deeds
def offer_decision(customer: Customer, user: User) -> Iterable[Deed]:
    if customer.status in LIVING and user.has_perm("kyc.decide_kyc"):
        yield Deed(
            title="Decide KYC",
            url=reverse("admin:kyc_decide", args=[customer.pk]),
            icon="gavel",
            order=30,
            is_dialog=False,
        )


@customer_page.needs
def need_kyc(customer: Customer, user: User) -> Iterable[MissingItem]:
    if not is_wanted(customer):
        return
    newest = _newest(customer)
    verb = _verb(customer, newest, user)
    is_open = newest is not None and newest.is_open
    yield MissingItem(
        title=_need_title(customer),
        label=attempt_label(newest) if newest and is_open else _need_label(customer),
        note=_NOTES[Status(newest.status)] if newest and is_open else "",
        verb=verb,
        url=start_url(customer) if verb else "",
        is_dialog=True,
    )


@way_to(EvidenceKind.KYC_VERIFIED)
def start_for_tier(customer: Customer, _kind: EvidenceKind, user: User) -> Way:
    """The verb of the tier panel."""
    verb = _verb(customer, _newest(customer), user)
    return Way(verb, start_url(customer), is_dialog=True) if verb else Way()


def _need_title(customer: Customer) -> str:
    if customer.kyc_status != KycStatus.VERIFIED:
        return "KYC" if customer.is_individual else "KYB"
    return "KYC renewal" if customer.is_individual else "KYB renewal"


def _need_label(customer: Customer) -> Label:
    if customer.kyc_status == KycStatus.VERIFIED and customer.kyc_expires_on:
        return due(customer.kyc_expires_on)
    if customer.kyc_status == KycStatus.REJECTED:
        return Label("Rejected", "stop")
    return Label("Not started", "quiet")


def attempts_panel(customer: Customer, user: User) -> PanelView:
    attempts, newest = _attempts(customer), _newest(customer)
    verb = _verb(customer, newest, user)
    shown = [_row(attempt, user) for attempt in attempts]
    return PanelView(
        verb=verb,
        url=start_url(customer) if verb else "",
        is_dialog=True,
        template="kyc/_attempts.html" if shown else "",
        context={"attempts": shown},
        empty_fact="KYC was not started yet.",
        empty_advice="Start KYC makes a link for the customer." if verb else "",
        is_troubled=bool(newest and attempt_label(newest).tone in ("warn", "stop")),
    )


def _row(attempt: Applicant, user: User) -> dict[str, Any]:
    """What may tip somebody off goes to compliance and above only."""
    row = {
        "title": attempt_title(attempt),
        "meta": _meta(attempt),
        "label": attempt_label(attempt),
        "on": attempt.decided_at or attempt.started_at,
        "comment": attempt.moderation_comment,
    }
    if user.has_perm("kyc.view_callback"):
        row["url"] = reverse("admin:kyc_applicant_change", args=[attempt.pk])
        row["labels"] = label_words(attempt.labels)
        row["client_comment"] = attempt.client_comment
        row["held_back"] = what_holds_back(attempt)
    return row


def _meta(attempt: Applicant) -> str:
    if not is_by_hand(attempt):
        return attempt_meta(attempt)
    last = attempt.history.select_related("history_user").first()
    return f"{last.history_user}, {attempt_meta(attempt)}"


customer_page.pin(
    Panel(
        key="kyc_attempts",
        title="KYC attempts",
        permission="kyc.view_applicant",
        build=attempts_panel,
        order=20,
    )
)


@customer_page.waits
def say_waits(customers: list[Customer], user: User) -> dict[Any, str]:
    """Two queries at most, however many customers the page shows."""
    customers = [c for c in customers if c.status in LIVING]
    waits: dict[Any, str] = {}
    if user.has_perm("kyc.view_applicant"):
        attempts = Applicant.objects.open().filter(customer__in=customers)
        for attempt in attempts.only("customer_id", "status", "link_expires_at"):
            waits[attempt.customer_id] = _wait(attempt)
    # Who may not know of a difference must not be able to tell that there is one.
    if user.has_perm("kyc.view_difference"):
        differing = Difference.objects.open().filter(customer__in=customers)
        for customer_id in differing.values_list("customer_id", flat=True):
            waits.setdefault(customer_id, "Differences to accept")
    for customer in customers:
        if customer.kyc_status == KycStatus.PENDING:
            waits.setdefault(customer.pk, "KYC to start")
    return waits


def _wait(attempt: Applicant) -> str:
    is_over = attempt.link_expires_at and attempt.link_expires_at < timezone.now()
    if attempt.status == Status.STARTED and is_over:
        return "New KYC link"
    return _WAITS[Status(attempt.status)]
