"""Attempts: start, adopt, cancel."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from common.errors import DomainError
from common.face import day
from customers.registry.models import LIVING, Customer, KycStatus
from customers.registry.services import reopen_kyc
from events.services import publish
from kyc.events import AttemptMoved, KycStarted
from kyc.models import Applicant
from tenants.models import User

RENEWAL_OPENS_DAYS = 60  # before kyc_expires_on, with the first reminder
REFUSED = (Applicant.Status.REJECTED, Applicant.Status.CLOSED)


def expected_level(customer: Customer) -> str:
    """The one level whose approval counts for this customer."""
    if customer.is_individual:
        return str(settings.SUMSUB_KYC_LEVEL)
    return str(settings.SUMSUB_KYB_LEVEL)


@transaction.atomic
def start_attempt(customer_id: UUID, *, by: User) -> Applicant:
    """Open an attempt, or return the open one so that a new link can be made for it.

    Raises DomainError when the customer may not be verified now.
    """
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    newest, used = newest_attempt(customer.pk), newest_at_sumsub(customer.pk)
    if why := refusal_to_start(customer, newest, by):
        raise DomainError(f"Cannot start KYC: {why}.")
    if newest and takes_link(newest):
        return newest
    if newest and newest.is_open:
        close_attempt(newest, by=by, reason="KYC goes on at Sumsub")
    is_renewal = customer.kyc_status == KycStatus.VERIFIED
    if customer.kyc_status == KycStatus.REJECTED:
        reopen_kyc(customer.pk, by=by, reason="A new attempt")
    attempt = Applicant(
        tenant_id=customer.tenant_id,
        customer=customer,
        level=expected_level(customer),
        applicant_id=used.applicant_id if used else "",
        is_renewal=is_renewal,
        is_repeat=bool(used and used.applicant_id),
        started_at=timezone.now(),
        started_by=by,
    )
    attempt.save_as(by, "KYC started")
    event = KycStarted(
        customer_id=str(customer.pk), attempt_id=str(attempt.pk), is_renewal=is_renewal
    )
    publish(event, by=by, tenant_id=customer.tenant_id)
    return attempt


def newest_attempt(customer_id: UUID) -> Applicant | None:
    """The attempt that counts."""
    rows = Applicant.objects.filter(customer_id=customer_id)
    return rows.order_by("-started_at", "-id").first()


def newest_at_sumsub(customer_id: UUID) -> Applicant | None:
    """The attempt that Sumsub's answers are about, also after a decision by hand."""
    rows = Applicant.objects.filter(
        customer_id=customer_id, provider=Applicant.Provider.SUMSUB
    )
    return rows.order_by("-started_at", "-id").first()


def takes_link(attempt: Applicant) -> bool:
    """Whether a new link leads on with this attempt, not with another."""
    return attempt.is_open and attempt.provider == Applicant.Provider.SUMSUB


def refusal_to_start(customer: Customer, newest: Applicant | None, by: User) -> str:
    """Why no link may be made for the customer now, or ""; fits after a colon."""
    if customer.status not in LIVING:
        return f"{customer} is {customer.get_status_display().lower()}"
    if newest and newest.is_open:
        return ""
    was_refused = newest is not None and newest.status in REFUSED
    if customer.kyc_status == KycStatus.REJECTED or was_refused:
        if by.has_perm("kyc.restart_kyc"):
            return ""
        return "it was refused or closed, so a compliance officer must start it again"
    due = customer.kyc_expires_on
    if customer.kyc_status != KycStatus.VERIFIED or due is None:
        return ""
    is_early = (due - customer.tenant.today).days > RENEWAL_OPENS_DAYS
    return f"{customer} is verified until {day(due)}" if is_early else ""


@transaction.atomic
def adopt_attempt(customer_id: UUID, applicant_id: str, *, by: User) -> Applicant:
    """Open an attempt for what was begun in Sumsub's dashboard, not by us.

    Raises DomainError when the relationship has ended, or compliance decides by hand.
    """
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    if newest := newest_at_sumsub(customer.pk):
        return newest
    if newest_attempt(customer.pk):
        raise DomainError("KYC was decided by hand; start it to go on at Sumsub.")
    if customer.status not in LIVING:
        ended = customer.get_status_display().lower()
        raise DomainError(f"The customer is {ended} and never asked for KYC.")
    attempt = Applicant(
        tenant_id=customer.tenant_id,
        customer=customer,
        level=expected_level(customer),
        applicant_id=applicant_id,
        started_at=timezone.now(),
        started_by=by,
    )
    attempt.save_as(by, "Begun at Sumsub")
    event = KycStarted(customer_id=str(customer.pk), attempt_id=str(attempt.pk))
    publish(event, by=by, tenant_id=customer.tenant_id)
    return attempt


@transaction.atomic
def note_link(attempt_id: UUID, *, expires_at: datetime, by: User) -> None:
    """Record until when the newest link lives; the link itself is never kept."""
    attempt = Applicant.objects.select_for_update().get(pk=attempt_id)
    attempt.link_expires_at = expires_at
    attempt.save_as(by, "Link made")


@transaction.atomic
def forget_applicant(attempt_id: UUID, *, by: User) -> None:
    """Let the attempt take the next applicant: Sumsub has purged the one it had."""
    attempt = Applicant.objects.select_for_update().get(pk=attempt_id)
    attempt.applicant_id, attempt.is_repeat = "", False
    attempt.save_as(by, "Purged at Sumsub")


def note_silence(attempt_id: UUID, *, asked_at: datetime) -> None:
    """Record that Sumsub was asked and knows nothing yet: no deed, so no version."""
    unseen = Applicant.objects.filter(pk=attempt_id)
    unseen.exclude(fetched_at__gte=asked_at).update(fetched_at=asked_at)


@transaction.atomic
def cancel_attempt(customer_id: UUID | str, *, by: User, reason: str) -> bool:
    """Close what is open when the relationship ends; True when something was."""
    attempt = (
        Applicant.objects.open()
        .filter(customer_id=customer_id)
        .select_for_update()
        .first()
    )
    if attempt is None:
        return False
    close_attempt(attempt, by=by, reason=reason)
    return True


def close_attempt(attempt: Applicant, *, by: User, reason: str) -> None:
    """Close an open one, locked by the caller; nothing follows for the customer."""
    attempt.status, attempt.decided_at = Applicant.Status.CLOSED, timezone.now()
    attempt.save_as(by, reason)
    event = AttemptMoved(
        customer_id=str(attempt.customer_id), attempt_id=str(attempt.pk),
        status=attempt.status, is_by_us=True,
    )  # fmt: skip
    publish(event, by=by, tenant_id=attempt.tenant_id, reason=reason)
