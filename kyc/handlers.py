"""What verification does when something happened: ask Sumsub, then one command."""

from django.utils import timezone

from common.errors import DomainError
from customers.registry.events import (
    CustomerArchived,
    CustomerOffboarded,
    CustomerVerified,
)
from customers.registry.models import Customer
from events.events import RetryLaterError
from events.services import subscribe
from kyc.events import AttemptMoved, CallbackReceived, KycExpiryNeared
from kyc.expiry import mail_reminder
from kyc.filing import file_images
from kyc.inquiry import GONE, apply_answer, attempt_for, state_of
from kyc.models import Applicant, Callback, QuarantineReason
from kyc.services import (
    cancel_attempt,
    holder_of,
    is_from_sandbox,
    owner_of,
    quarantine,
    settle_callback,
)
from kyc.sumsub.client import get_sumsub
from kyc.sumsub.errors import SumsubNotFound, SumsubRefused
from kyc.sumsub.event_types import INFO_EVENTS, KNOWN_EVENTS, STATE_EVENTS
from kyc.sumsub.types import ApplicantState, Verdict
from kyc.verdicts import what_holds_back
from tenants.services import get_machine


@subscribe(CallbackReceived)
def apply_callback(event: CallbackReceived) -> None:
    """Ask Sumsub for the present state and apply it; the callback is only a hint."""
    callback = Callback.objects.get(pk=event.callback_id)
    if callback.status != Callback.Status.RECEIVED:
        return
    owner = owner_of(callback.applicant_id, callback.external_user_id)
    customer = owner if isinstance(owner, Customer) else None
    if callback.is_test:
        _settle(callback, Callback.Status.IGNORED, customer)
    elif callback.type not in KNOWN_EVENTS:
        quarantine(callback, QuarantineReason.UNKNOWN_TYPE, customer=customer)
    elif is_from_sandbox(callback):
        quarantine(callback, QuarantineReason.SANDBOX, customer=customer)
    elif callback.type not in STATE_EVENTS | INFO_EVENTS:
        _settle(callback, Callback.Status.IGNORED, customer)
    else:
        _apply_to(customer or _named_by_sumsub(callback) or str(owner), callback)


def _named_by_sumsub(callback: Callback) -> Customer | None:
    """Ask whose applicant it is where the callback does not say."""
    if callback.external_user_id or not callback.applicant_id:
        return None
    try:
        state = get_sumsub().applicant(callback.applicant_id)
    except (SumsubNotFound, SumsubRefused):
        return None
    owner = owner_of(callback.applicant_id, state.external_user_id)
    return owner if isinstance(owner, Customer) else None


def _apply_to(customer: Customer | str, callback: Callback) -> None:
    if isinstance(customer, str):
        quarantine(callback, customer, customer=holder_of(callback))
        return
    try:
        attempt = attempt_for(customer, callback.applicant_id, by=get_machine("sumsub"))
        if isinstance(attempt, str):
            quarantine(callback, attempt, customer=customer)
        elif _is_late(callback, attempt):
            _settle(callback, Callback.Status.LATE, customer)
        else:
            _fetch_and_apply(callback, attempt)
    except DomainError as error:
        quarantine(
            callback, QuarantineReason.DOES_NOT_FIT, note=error.message,
            customer=customer,
        )  # fmt: skip


def _is_late(callback: Callback, attempt: Applicant) -> bool:
    """Only a state event strictly older than the newest applied one is late."""
    if callback.type not in STATE_EVENTS or not callback.sent_at:
        return False
    return bool(attempt.last_state_at and callback.sent_at < attempt.last_state_at)


def _fetch_and_apply(callback: Callback, attempt: Applicant) -> None:
    asked_at = timezone.now()
    state: ApplicantState | None = None
    try:
        state = get_sumsub().applicant(callback.applicant_id)
    except (SumsubNotFound, SumsubRefused) as error:
        is_gone = isinstance(error, SumsubNotFound) and callback.type in GONE
        if not is_gone:
            # It may be a right that our token lacks, so nobody's KYC is touched.
            quarantine(
                callback, QuarantineReason.NOT_FOUND, note=str(error),
                customer=attempt.customer,
            )  # fmt: skip
            return
    is_state = callback.type in STATE_EVENTS
    outcome = apply_answer(
        attempt, state, asked_at=asked_at, by=get_machine("sumsub"),
        said_at=callback.sent_at if is_state else None, has_facts=not is_state,
    )  # fmt: skip
    if outcome.is_stale:
        # Dropped for good it might be lost: two clocks need not agree.
        raise RetryLaterError(outcome.note)
    if outcome.quarantine:
        quarantine(
            callback, outcome.quarantine, note=outcome.note, customer=outcome.customer
        )
        return
    _settle(callback, Callback.Status.APPLIED, outcome.customer, outcome.note)


def _settle(
    callback: Callback, status: str, customer: Customer | None = None, note: str = ""
) -> None:
    settle_callback(
        callback.pk, status=status, customer=customer, note=note,
        by=get_machine("sumsub"),
    )  # fmt: skip


@subscribe(CustomerVerified)
def clear_companies(event: CustomerVerified) -> None:
    """See whether a company waited for this owner alone; if so, ask Sumsub again."""
    tenant_id = Customer.objects.values_list("tenant_id", flat=True).get(
        pk=event.customer_id
    )
    held = Applicant.objects.for_tenant(tenant_id).filter(
        status=Applicant.Status.ON_HOLD, verdict=Verdict.APPROVED
    )
    for attempt in held.select_related("customer"):
        if what_holds_back(attempt):
            continue
        asked_at = timezone.now()
        state = state_of(get_sumsub(), attempt)
        if state is not None:
            apply_answer(attempt, state, asked_at=asked_at, by=get_machine("sumsub"))


@subscribe(AttemptMoved)
def file_documents(event: AttemptMoved) -> None:
    """Keep what the applicant showed: of first approvals and of renewals alike."""
    if event.status == Applicant.Status.APPROVED and not event.is_by_us:
        file_images(event.attempt_id)


@subscribe(CustomerOffboarded)
def cancel_kyc(event: CustomerOffboarded) -> None:
    """Nothing is asked of somebody whose relationship has ended."""
    cancel_attempt(
        event.customer_id, by=get_machine("sumsub"), reason="Relationship ended"
    )


@subscribe(CustomerArchived)
def cancel_kyc_of_declined(event: CustomerArchived) -> None:
    """A declined applicant is archived without being offboarded first."""
    cancel_attempt(
        event.customer_id, by=get_machine("sumsub"), reason="Relationship ended"
    )


@subscribe(KycExpiryNeared)
def remind_customer(event: KycExpiryNeared) -> None:
    """Tell the customer by e-mail, in plain words."""
    mail_reminder(event.customer_id)
