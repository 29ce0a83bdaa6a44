"""Apply what Sumsub says now to the attempt and the customer, in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from customers.registry.models import (
    LIVING,
    Customer,
    KycLevel,
    KycStatus,
    SuspensionReason,
    Task,
    TaskKind,
)
from customers.registry.services import (
    close_task,
    open_task,
    reject_kyc,
    reopen_kyc,
    suspend_customer,
    verify_customer,
)
from events.services import publish
from kyc.differences import note_facts
from kyc.events import AttemptMoved
from kyc.models import Applicant, QuarantineReason
from kyc.sumsub.types import ApplicantState, Review, Verdict
from tenants.models import User

Status = Applicant.Status

# Sumsub's reviewStatus while no verdict stands (fact sheet, section 3).
_STATUS_OF_REVIEW = {
    "init": Status.STARTED,
    "pending": Status.IN_REVIEW,
    "prechecked": Status.IN_REVIEW,
    "queued": Status.IN_REVIEW,
    "awaitingService": Status.IN_REVIEW,
    "awaitingUser": Status.NEEDS_USER,
    "onHold": Status.ON_HOLD,
}
_STATUS_OF_VERDICT = {
    Verdict.APPROVED: Status.APPROVED,
    Verdict.RESUBMIT: Status.RESUBMIT,
    Verdict.REJECTED: Status.REJECTED,
    Verdict.UNDECIDED: Status.ON_HOLD,
}
_DECIDED = (Status.APPROVED, Status.REJECTED, Status.RESUBMIT, Status.CLOSED)
_TRYING = (Status.RESUBMIT, Status.STARTED, Status.IN_REVIEW)
# What a verified customer's suspension is for, by where the attempt went.
_TAKEN_BACK = {
    Status.REJECTED: SuspensionReason.ADVERSE_VERDICT,
    Status.RESUBMIT: SuspensionReason.ADVERSE_VERDICT,
    Status.STARTED: SuspensionReason.APPLICANT_RESET,
    Status.CLOSED: SuspensionReason.APPLICANT_CLOSED,
}

# Rules that may hold an organisation back although Sumsub approved it: each returns
# what is missing, or "". Ownership registers its rule here.
CLEARING_RULES: list[Callable[[Customer], str]] = []


@dataclass(frozen=True)
class Outcome:
    """What came of applying; `quarantine` is a reason for staff, or ""."""

    customer: Customer
    quarantine: str = ""
    note: str = ""
    is_stale: bool = False  # ask again: a younger question was answered meanwhile


@transaction.atomic
def apply_state(
    attempt_id: UUID, state: ApplicantState | None, *, asked_at: datetime, by: User,
    said_at: datetime | None = None,
) -> Outcome:  # fmt: skip
    """Apply the fetched state; None when Sumsub deleted the applicant.

    `asked_at` is when the question was sent: an answer to an older question than the
    one applied last changes nothing. `said_at` is the stamp of the state event that
    made us ask. Harmless to run twice.
    """
    attempt = Applicant.objects.get(pk=attempt_id)
    customer = Customer.objects.select_for_update().get(pk=attempt.customer_id)
    attempt = Applicant.objects.select_for_update().get(pk=attempt_id)
    attempt.customer = customer
    if refused := _refuse(attempt, customer, state, asked_at):
        return refused
    before, after = Status(attempt.status), _status_of(attempt, state)
    held_back = _rules_say(customer) if before != after == Status.APPROVED else ""
    if held_back:
        after = Status.ON_HOLD
    _write(attempt, state, after, asked_at, said_at)
    if state is not None and before != after == Status.APPROVED:
        note_facts(customer, attempt, state, by=by)
    attempt.save_as(by, held_back or "Sumsub’s answer")
    if before != after:
        event = AttemptMoved(
            customer_id=str(customer.pk), attempt_id=str(attempt.pk), status=after
        )
        publish(event, by=by, tenant_id=customer.tenant_id)
        _move_customer(_Move(customer, attempt, before, after, state, by))
    return Outcome(customer, note=held_back)


@transaction.atomic
def apply_facts(attempt_id: UUID, state: ApplicantState, *, by: User) -> None:
    """Take in changed personal data: fill what is empty, show what differs."""
    attempt = Applicant.objects.select_related("customer").get(pk=attempt_id)
    if attempt.status != Status.APPROVED or attempt.customer.status not in LIVING:
        return  # not verified yet: the approval brings them
    note_facts(attempt.customer, attempt, state, by=by)
    attempt.save_as(by, "Sumsub’s details")


def what_holds_back(attempt: Applicant) -> str:
    """Why an organisation is not cleared although Sumsub approved it, or ""."""
    if attempt.status != Status.ON_HOLD or attempt.verdict != Verdict.APPROVED:
        return ""
    return _rules_say(attempt.customer)


def _rules_say(customer: Customer) -> str:
    if customer.is_individual:
        return ""
    return next((why for rule in CLEARING_RULES if (why := rule(customer))), "")


def _refuse(
    attempt: Applicant, customer: Customer, state: ApplicantState | None,
    asked_at: datetime,
) -> Outcome | None:  # fmt: skip
    """Why the answer changes nothing here, or None."""
    if attempt.fetched_at and asked_at < attempt.fetched_at:
        note = "A newer answer was applied already."
        return Outcome(customer, note=note, is_stale=True)
    if state is not None and not _belong_together(attempt, customer, state):
        note = "Sumsub’s applicant and our customer do not belong together."
        return Outcome(customer, QuarantineReason.OTHER_APPLICANT, note)
    if customer.status not in LIVING:
        ended = customer.get_status_display().lower()
        return Outcome(customer, note=f"The customer is {ended}; nothing was changed.")
    if state is None or state.is_deleted or state.review.verdict is Verdict.NONE:
        return None
    if attempt.is_of_before(state.review.reviewed_at):
        return Outcome(customer, note="Sumsub still shows the verdict of before.")
    if state.review.level != attempt.level:
        note = f"Sumsub decided “{state.review.level}”, we expect “{attempt.level}”."
        return Outcome(customer, QuarantineReason.UNEXPECTED_LEVEL, note)
    return None


def _belong_together(
    attempt: Applicant, customer: Customer, state: ApplicantState
) -> bool:
    """Never let one customer's applicant speak for another."""
    is_known = attempt.applicant_id in ("", state.applicant_id)
    return is_known and state.external_user_id == str(customer.pk)


def _status_of(attempt: Applicant, state: ApplicantState | None) -> Status:
    if state is None or state.is_deleted:
        return Status.CLOSED
    if state.review.verdict is Verdict.NONE:
        # No word, or a word of a later Sumsub, changes nothing.
        return _STATUS_OF_REVIEW.get(state.review.status, Status(attempt.status))
    return _STATUS_OF_VERDICT[state.review.verdict]


def _write(
    attempt: Applicant, state: ApplicantState | None, after: Status,
    asked_at: datetime, said_at: datetime | None,
) -> None:  # fmt: skip
    review = state.review if state else Review()
    attempt.fetched_at = asked_at
    if said_at and (attempt.last_state_at is None or said_at > attempt.last_state_at):
        attempt.last_state_at = said_at
    if state and not attempt.applicant_id:
        attempt.applicant_id = state.applicant_id
    attempt.verdict = review.verdict
    attempt.labels = list(review.labels)
    attempt.moderation_comment = review.moderation_comment
    attempt.client_comment = review.client_comment
    attempt.attempt_count = review.attempt_count or attempt.attempt_count
    if attempt.status != after:
        decided = after in (Status.APPROVED, Status.REJECTED, Status.CLOSED)
        attempt.decided_at = timezone.now() if decided else None
    attempt.status = after


@dataclass(frozen=True)
class _Move:
    """An attempt that went from one status to another, and on what answer."""

    customer: Customer
    attempt: Applicant
    before: Status
    after: Status
    state: ApplicantState | None
    by: User

    @property
    def is_red(self) -> bool:
        review = self.state.review if self.state else Review()
        return review.verdict is not Verdict.NONE and review.answer == "RED"


def _move_customer(move: _Move) -> None:
    """Let the customer follow where the attempt went."""
    customer, by = move.customer, move.by
    if customer.kyc_status == KycStatus.VERIFIED:
        _move_verified(move)
    elif move.after == Status.APPROVED:
        verify_customer(
            customer.pk, level=KycLevel.BASIC, by=by, reason="Approved at Sumsub"
        )
    elif move.after == Status.REJECTED and customer.kyc_status == KycStatus.PENDING:
        reject_kyc(customer.pk, by=by, reason="Rejected at Sumsub")
    elif move.after in _TRYING:
        # Sumsub lets them try again after a final rejection.
        reopen_kyc(customer.pk, by=by, reason="Reopened at Sumsub")
    if move.attempt.verdict == Verdict.UNDECIDED:
        open_task(customer, TaskKind.KYC_DECISION, reason="undecided verdict", by=by)
    elif move.after in _DECIDED:
        _close_decisions(move)


def _close_decisions(move: _Move) -> None:
    """Nobody need decide by hand what Sumsub decided meanwhile."""
    tasks = Task.objects.open().filter(
        customer=move.customer, kind=TaskKind.KYC_DECISION
    )
    for task in tasks:
        outcome = f"{Status(move.after).label} at Sumsub"
        close_task(task.pk, outcome=outcome, by=move.by)


def _move_verified(move: _Move) -> None:
    """Verified stays verified: an approval taken back suspends and escalates."""
    attempt, by = move.attempt, move.by
    if move.after == Status.APPROVED:
        if attempt.is_renewal and _is_first_approval(attempt):
            verify_customer(
                move.customer.pk,
                level=KycLevel.BASIC,
                by=by,
                reason="Renewed at Sumsub",
            )
        return
    reason = _TAKEN_BACK.get(move.after)
    if move.is_red and move.after == Status.ON_HOLD:
        reason = SuspensionReason.ADVERSE_VERDICT
    if reason is None or _is_step_of_renewal(move):
        return
    suspend_customer(move.customer.pk, reason=reason, by=by)
    open_task(move.customer, TaskKind.ESCALATION, reason=reason, by=by)


def _is_step_of_renewal(move: _Move) -> bool:
    """A renewal passes through these before its first approval."""
    if not move.attempt.is_renewal or move.attempt.was_ever(Status.APPROVED):
        return False
    return move.after in (Status.STARTED, Status.RESUBMIT, Status.ON_HOLD)


def _is_first_approval(attempt: Applicant) -> bool:
    """A renewal extends the term once: not again after a RED and a GREEN."""
    return bool(attempt.history.filter(status=Status.APPROVED).count() == 1)
