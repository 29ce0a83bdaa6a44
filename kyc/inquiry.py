"""Asking Sumsub again because somebody pressed the button."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from common.errors import DomainError
from customers.registry.models import Customer
from kyc.models import Applicant, Callback, QuarantineReason
from kyc.services import (
    adopt_attempt,
    newest_at_sumsub,
    owner_of,
    settle_refetched,
)
from kyc.start import sentence_for
from kyc.sumsub.client import SumsubClient, get_sumsub
from kyc.sumsub.errors import SumsubError, SumsubNotFound
from kyc.sumsub.types import ApplicantState
from kyc.verdicts import Outcome, apply_facts, apply_state
from tenants.models import User

# After these the applicant may well be gone.
GONE = frozenset({"applicantDeleted", "applicantPersonalDataDeleted"})


def attempt_for(customer: Customer, applicant_id: str, *, by: User) -> Applicant | str:
    """The customer's newest attempt there, opened now if Sumsub began; or why not."""
    if not applicant_id:
        return QuarantineReason.UNKNOWN_APPLICANT
    attempt = newest_at_sumsub(customer.pk)
    if attempt is None:
        # Begun without us: a link made by hand in Sumsub's dashboard.
        attempt = adopt_attempt(customer.pk, applicant_id, by=by)
    if attempt.applicant_id not in ("", applicant_id):
        return QuarantineReason.OTHER_APPLICANT
    return attempt


def apply_answer(
    attempt: Applicant, state: ApplicantState | None, *, asked_at: datetime, by: User,
    said_at: datetime | None = None, has_facts: bool = False,
) -> Outcome:  # fmt: skip
    """Apply what Sumsub answered; `has_facts` when its details may have changed."""
    outcome = apply_state(attempt.pk, state, asked_at=asked_at, by=by, said_at=said_at)
    is_taken = not outcome.quarantine and not outcome.is_stale
    if has_facts and is_taken and state is not None:
        apply_facts(attempt.pk, state, by=by)
    return outcome


def state_of(client: SumsubClient, attempt: Applicant) -> ApplicantState | None:
    """What Sumsub says of an attempt now; None when the link was never opened.

    Raises SumsubError.
    """
    if attempt.applicant_id:
        return client.applicant(attempt.applicant_id)
    return client.find_applicant(str(attempt.customer_id))


def refetch_attempt(attempt_id: UUID, *, by: User) -> str:
    """Ask now; returns what came of it in one sentence. Raises DomainError."""
    attempt = Applicant.objects.select_related("customer").get(pk=attempt_id)
    if attempt.provider != Applicant.Provider.SUMSUB:
        raise DomainError("This was decided by hand; Sumsub knows nothing of it.")
    asked_at = timezone.now()
    try:
        state = state_of(get_sumsub(), attempt)
    except SumsubNotFound as error:
        raise DomainError("Sumsub shows no such applicant.") from error
    except SumsubError as error:
        raise DomainError(sentence_for(error)) from error
    if state is None:
        return "Sumsub knows nothing yet: the link was not opened."
    outcome = apply_answer(attempt, state, asked_at=asked_at, by=by, has_facts=True)
    if outcome.quarantine:
        raise DomainError(outcome.note)
    return _sentence(attempt, outcome)


def refetch_callback(callback_id: UUID, *, by: User) -> str:
    """Ask now about the applicant of a quarantined callback and apply the answer.

    Returns what came of it in one sentence. Raises DomainError when it goes on waiting.
    """
    callback = Callback.objects.get(pk=callback_id)
    if callback.status != Callback.Status.QUARANTINED:
        raise DomainError("This callback does not wait any more.")
    if not callback.applicant_id:
        raise DomainError("It names no applicant, so there is nothing to ask about.")
    asked_at = timezone.now()
    state = _state_about(callback)
    named = state.external_user_id if state else callback.external_user_id
    owner = owner_of(callback.applicant_id, named)
    if isinstance(owner, str):
        raise DomainError(f"Sumsub was asked. {QuarantineReason(owner).label}")
    if owner.tenant_id != by.tenant_id:
        # Nobody moves, or hears of, another institution's customer.
        settle_refetched(
            callback_id, customer=owner, by=by, reason=callback.reason,
            note=callback.note,
        )  # fmt: skip
        return "It is about none of your customers and has left your desk."
    attempt = attempt_for(owner, callback.applicant_id, by=by)
    if isinstance(attempt, str):
        raise DomainError(f"Sumsub was asked. {QuarantineReason(attempt).label}")
    outcome = apply_answer(attempt, state, asked_at=asked_at, by=by, has_facts=True)
    settle_refetched(
        callback_id, customer=owner, by=by, reason=outcome.quarantine, note=outcome.note
    )
    if outcome.quarantine:
        return f"It goes on waiting: {outcome.note}"
    return _sentence(attempt, outcome)


def _state_about(callback: Callback) -> ApplicantState | None:
    try:
        return get_sumsub().applicant(callback.applicant_id)
    except SumsubNotFound as error:
        if callback.type in GONE:
            return None
        raise DomainError("Sumsub shows no such applicant.") from error
    except SumsubError as error:
        raise DomainError(sentence_for(error)) from error


def _sentence(before: Applicant, outcome: Outcome) -> str:
    after = Applicant.objects.select_related("customer").get(pk=before.pk)
    if outcome.note:
        return outcome.note
    word = after.get_status_display().lower()
    if after.status == before.status:
        return f"Nothing changed: Sumsub still says “{word}”."
    kyc = after.customer.get_kyc_status_display().lower()
    return f"Sumsub says “{word}”; KYC of {after.customer} is {kyc}."
