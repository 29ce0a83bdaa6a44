"""Apply what Sumsub says now to the attempt and the customer, in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from customers.registry.models import LIVING, Customer, TaskKind
from customers.registry.services import open_task
from kyc.differences import note_facts
from kyc.models import Applicant, QuarantineReason
from kyc.services import close_attempt
from kyc.services.moves import Move, follow
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
    if decision := _decided_by_hand_since(attempt):
        return _keep_answer(attempt, state, asked_at, said_at, by, decision)
    before, after = Status(attempt.status), _status_of(attempt, state)
    held_back = rules_say(customer) if before != after == Status.APPROVED else ""
    if held_back:
        after = Status.ON_HOLD
    if after in Applicant.OPEN:
        _close_by_hand(attempt, by)
    _write(attempt, state, after, asked_at, said_at)
    if state is not None and before != after == Status.APPROVED:
        note_facts(customer, attempt, state, by=by)
    attempt.save_as(by, held_back or "Sumsub’s answer")
    if before != after:
        follow(Move(customer, attempt, before, after, by, is_red=_is_red(state)))
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
    return rules_say(attempt.customer)


def rules_say(customer: Customer) -> str:
    """What keeps an organisation from being cleared, or ""; fits after a colon."""
    if customer.is_individual:
        return ""
    return next((why for rule in CLEARING_RULES if (why := rule(customer))), "")


def _refuse(
    attempt: Applicant, customer: Customer, state: ApplicantState | None,
    asked_at: datetime,
) -> Outcome | None:  # fmt: skip
    """Why the answer changes nothing here, or None."""
    if attempt.provider != Applicant.Provider.SUMSUB:
        return Outcome(customer, note="This attempt is decided by hand.")
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


def _is_red(state: ApplicantState | None) -> bool:
    review = state.review if state else Review()
    return review.verdict is not Verdict.NONE and review.answer == "RED"


def _decided_by_hand_since(attempt: Applicant) -> Applicant | None:
    """The decision by hand that what Sumsub says of an ended attempt cannot undo.

    An approval of Sumsub's may still be taken back, whoever renewed it meanwhile.
    """
    if attempt.status not in (Status.REJECTED, Status.CLOSED):
        return None
    later = _by_hand(attempt).filter(started_at__gt=attempt.started_at)
    decision: Applicant | None = later.exclude(status=Status.CLOSED).first()
    return decision


def _by_hand(attempt: Applicant) -> QuerySet[Applicant]:
    rows: QuerySet[Applicant] = Applicant.objects.filter(
        customer_id=attempt.customer_id, provider=Applicant.Provider.MANUAL
    )
    return rows.order_by("-started_at", "-id")


def _close_by_hand(attempt: Applicant, by: User) -> None:
    """Only one may be open: what Sumsub opens again takes the place of ours."""
    for other in _by_hand(attempt).filter(status__in=Applicant.OPEN):
        close_attempt(other, by=by, reason="Opened again at Sumsub")


def _keep_answer(
    attempt: Applicant, state: ApplicantState | None, asked_at: datetime,
    said_at: datetime | None, by: User, decision: Applicant,
) -> Outcome:  # fmt: skip
    """Change nothing, but let a person see where Sumsub says otherwise than we did."""
    before = attempt.verdict
    _write(attempt, state, Status(attempt.status), asked_at, said_at)
    attempt.save_as(by, "Sumsub’s answer, after the decision by hand")
    meant = _STATUS_OF_VERDICT.get(Verdict(attempt.verdict))
    if attempt.verdict != before and meant not in (None, decision.status):
        reason = f"sumsub said “{attempt.verdict}” after a decision by hand"
        open_task(attempt.customer, TaskKind.KYC_DECISION, reason=reason, by=by)
    note = "Decided by hand meanwhile; nothing was changed."
    return Outcome(attempt.customer, note=note)
