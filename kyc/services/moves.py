"""What follows when an attempt went from one status to another, whoever decided."""

from dataclasses import dataclass

from customers.registry.models import (
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
from kyc.events import AttemptMoved
from kyc.models import Applicant
from kyc.sumsub.types import Verdict
from tenants.models import User

Status = Applicant.Status

_DECIDED = (Status.APPROVED, Status.REJECTED, Status.RESUBMIT, Status.CLOSED)
_TRYING = (Status.RESUBMIT, Status.STARTED, Status.IN_REVIEW)
# What a verified customer's suspension is for, by where the attempt went.
_TAKEN_BACK = {
    Status.REJECTED: SuspensionReason.ADVERSE_VERDICT,
    Status.RESUBMIT: SuspensionReason.ADVERSE_VERDICT,
    Status.STARTED: SuspensionReason.APPLICANT_RESET,
    Status.CLOSED: SuspensionReason.APPLICANT_CLOSED,
}


@dataclass(frozen=True)
class Move:
    """An attempt that went from one status to another, and on whose word.

    `remark` is added to the reasons, which everybody may read who sees the customer.
    """

    customer: Customer
    attempt: Applicant
    before: Status
    after: Status
    by: User
    is_red: bool = False
    remark: str = ""

    @property
    def is_by_hand(self) -> bool:
        return self.attempt.provider == Applicant.Provider.MANUAL

    def words(self, verb: str) -> str:
        """Say why: “Approved at Sumsub”."""
        where = "by hand" if self.is_by_hand else "at Sumsub"
        return f"{verb} {where}{self.remark}"


def follow(move: Move) -> None:
    """Tell of the move and let the customer go along, in the caller's transaction."""
    event = AttemptMoved(
        customer_id=str(move.customer.pk),
        attempt_id=str(move.attempt.pk),
        status=move.after,
        is_by_us=move.is_by_hand,
    )
    publish(event, by=move.by, tenant_id=move.customer.tenant_id)
    _move_customer(move)


def _move_customer(move: Move) -> None:
    """Let the customer follow where the attempt went."""
    customer, by = move.customer, move.by
    if customer.kyc_status == KycStatus.VERIFIED:
        _move_verified(move)
    elif move.after == Status.APPROVED:
        verify_customer(
            customer.pk, level=KycLevel.BASIC, by=by, reason=move.words("Approved")
        )
    elif move.after == Status.REJECTED and customer.kyc_status == KycStatus.PENDING:
        reject_kyc(customer.pk, by=by, reason=move.words("Rejected"))
    elif move.after in _TRYING:
        # They may try again after a final rejection.
        reopen_kyc(customer.pk, by=by, reason=move.words("Reopened"))
    if move.attempt.verdict == Verdict.UNDECIDED:
        open_task(customer, TaskKind.KYC_DECISION, reason="undecided verdict", by=by)
    elif move.after in _DECIDED:
        _close_decisions(move)


def _close_decisions(move: Move) -> None:
    """Nobody need decide any more what was decided meanwhile."""
    tasks = Task.objects.open().filter(
        customer=move.customer, kind=TaskKind.KYC_DECISION
    )
    for task in tasks:
        outcome = move.words(str(move.after.label))
        close_task(task.pk, outcome=outcome, by=move.by)


def _move_verified(move: Move) -> None:
    """Verified stays verified: an approval taken back suspends and escalates."""
    attempt, by = move.attempt, move.by
    if move.after == Status.APPROVED:
        if attempt.is_renewal and _is_first_approval(attempt):
            verify_customer(
                move.customer.pk,
                level=KycLevel.BASIC,
                by=by,
                reason=move.words("Renewed"),
            )
        return
    reason = _TAKEN_BACK.get(move.after)
    if move.is_red and move.after == Status.ON_HOLD:
        reason = SuspensionReason.ADVERSE_VERDICT
    if reason is None or _is_step_of_renewal(move):
        return
    suspend_customer(move.customer.pk, reason=reason, by=by)
    open_task(move.customer, TaskKind.ESCALATION, reason=reason, by=by)


def _is_step_of_renewal(move: Move) -> bool:
    """A renewal passes through these before its first approval."""
    if not move.attempt.is_renewal or move.attempt.was_ever(Status.APPROVED):
        return False
    return move.after in (Status.STARTED, Status.RESUBMIT, Status.ON_HOLD)


def _is_first_approval(attempt: Applicant) -> bool:
    """A renewal extends the term once: not again after a RED and a GREEN."""
    return bool(attempt.history.filter(status=Status.APPROVED).count() == 1)
