"""KYC without a provider: compliance decides by hand, on the documents."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from common.errors import DomainError, NotForYouError
from common.face import day
from common.text import clean
from customers.registry.models import LIVING, Customer, KycStatus, Task, TaskKind
from customers.registry.services import task_rule
from documents.checklist import Line, Standing, checklist, is_complete_for_kyc
from documents.choices import Review
from documents.choices import Status as Stored
from documents.models import Document
from kyc.models import REASONS, Applicant, ManualReason, ManualVerdict
from kyc.services import (
    RENEWAL_OPENS_DAYS,
    close_attempt,
    expected_level,
    newest_attempt,
)
from kyc.services.moves import Move, follow
from kyc.sumsub.types import Verdict
from kyc.verdicts import rules_say
from tenants.models import User

Status = Applicant.Status

MAX_NOTE = 1000  # characters
_MEANS = {
    ManualVerdict.APPROVE: (Status.APPROVED, Verdict.APPROVED),
    ManualVerdict.REJECT: (Status.REJECTED, Verdict.REJECTED),
    ManualVerdict.ASK_AGAIN: (Status.RESUBMIT, Verdict.RESUBMIT),
}
_DONE = {
    ManualVerdict.APPROVE: "Approved by hand",
    ManualVerdict.REJECT: "Rejected by hand",
    ManualVerdict.ASK_AGAIN: "Documents asked for again",
}
_LACKS = {
    Standing.WAITING: "waits for review",
    Standing.EXPIRED: "has expired",
    Standing.REJECTED: "was rejected",
    Standing.MISSING: "is missing",
}


@transaction.atomic
def decide_by_hand(
    customer_id: UUID, *, verdict: ManualVerdict, reasons: Iterable[ManualReason],
    note: str, by: User,
) -> Applicant:  # fmt: skip
    """Decide as Sumsub would, with the same consequences; returns the attempt.

    Raises DomainError when it cannot be decided so now, NotForYouError when it is not
    `by` who may.
    """
    codes, note = _checked(verdict, reasons, note)
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    if why := refusal_to_decide(customer, verdict):
        raise DomainError(f"Cannot {_verb(verdict)}: {why}.")
    remark = _refuse_own(customer, by)
    attempt = _attempt_for(customer, by)
    before, (after, attempt.verdict) = Status(attempt.status), _MEANS[verdict]
    attempt.status, attempt.labels, attempt.client_comment = after, codes, note
    attempt.attempt_count += 1
    attempt.decided_at = timezone.now() if after != Status.RESUBMIT else None
    words = ", ".join(ManualReason(code).label.lower() for code in codes)
    attempt.save_as(by, f"{_DONE[verdict]}: {words}{remark}")
    if before != after:
        is_red = after != Status.APPROVED
        follow(Move(customer, attempt, before, after, by, is_red, remark))
    return attempt


def _verb(verdict: ManualVerdict) -> str:
    label = str(ManualVerdict(verdict).label)
    return label[0].lower() + label[1:]


def _checked(
    verdict: ManualVerdict, reasons: Iterable[ManualReason], note: str
) -> tuple[list[str], str]:
    """The reason codes in the order of the list, and the note; raises DomainError."""
    if verdict not in ManualVerdict.values:
        raise DomainError("Choose a decision.", field="verdict")
    given, note = set(reasons), clean(note)
    fitting = REASONS[ManualVerdict(verdict)]
    if not given:
        raise DomainError("Choose at least one reason.", field="reasons")
    if given - set(fitting):
        raise DomainError("Choose reasons of this decision.", field="reasons")
    if ManualReason.OTHER_REASON in given and not note:
        raise DomainError("Say in the note what the other reason is.", field="note")
    if len(note) > MAX_NOTE:
        raise DomainError(
            f"The note is longer than {MAX_NOTE} characters.", field="note"
        )
    return [str(code) for code in fitting if code in given], note


def refusal_to_decide(customer: Customer, verdict: ManualVerdict) -> str:
    """Why nobody may decide so now, or ""; fits after a colon."""
    if customer.status not in LIVING:
        return f"{customer} is {customer.get_status_display().lower()}"
    if verdict == ManualVerdict.APPROVE:
        return _why_settled(customer) or _what_lacks(customer) or rules_say(customer)
    if verdict == ManualVerdict.REJECT and _is_rejected(customer):
        return f"KYC of {customer} was rejected already"
    return ""


def _why_settled(customer: Customer) -> str:
    """Verified, not due, and nobody has taken it back: nothing to approve."""
    if customer.kyc_status != KycStatus.VERIFIED or is_due(customer):
        return ""
    newest = newest_attempt(customer.pk)
    if newest and newest.status != Status.APPROVED:
        return ""
    until = customer.kyc_expires_on
    return f"{customer} is verified{f' until {day(until)}' if until else ''}"


def is_due(customer: Customer) -> bool:
    """Whether the term ends soon enough, or has ended, for a renewal."""
    until = customer.kyc_expires_on
    left = (until - customer.tenant.today).days if until else None
    return left is not None and left <= RENEWAL_OPENS_DAYS


def _is_rejected(customer: Customer) -> bool:
    if customer.kyc_status != KycStatus.VERIFIED:
        return customer.kyc_status == KycStatus.REJECTED
    newest = newest_attempt(customer.pk)
    is_ours = newest and newest.provider == Applicant.Provider.MANUAL
    return bool(newest and is_ours and newest.status == Status.REJECTED)


def kyc_lines(customer: Customer) -> list[Line]:
    """The lines of the checklist that KYC asks for."""
    return [line for line in checklist(customer) if "KYC" in line.purposes]


def _what_lacks(customer: Customer) -> str:
    """Documents, and our file: nothing can match what says nothing."""
    lacks = [f"{label.lower()} is not in our file" for label in customer.unanswered]
    if not is_complete_for_kyc(customer):
        open_lines = [line for line in kyc_lines(customer) if not line.is_done]
        lacks += [
            f"{str(line.kind.label).lower()} {_LACKS[line.standing]}"
            for line in open_lines
        ]
    return ", and ".join(lacks)


def why_not_you(customer: Customer, by: User) -> str:
    """What `by` has done that makes it another's decision, or ""; after “who …”."""
    if customer.history.filter(history_type="+", history_user=by).exists():
        return "registered this customer"
    kinds = [line.kind for line in kyc_lines(customer)]
    relied_upon = Document.objects.filter(customer=customer, kind__in=kinds).exclude(
        status__in=(Stored.ARCHIVED, Stored.DELETED)
    )
    if relied_upon.filter(uploaded_by=by).exclude(review=Review.REJECTED).exists():
        return "uploaded a document this rests on"
    return ""


@task_rule
def done_before(task: Task, person: User) -> str:
    """Who may not decide by hand shall not be given the task either."""
    is_ours = task.kind == TaskKind.KYC_DECISION
    if not is_ours or task.customer.tenant.is_single_employee:
        return ""
    return why_not_you(task.customer, person)


def _refuse_own(customer: Customer, by: User) -> str:
    """Raise NotForYouError; where one person is all there is, say so in the reason."""
    done = why_not_you(customer, by)
    if done and not customer.tenant.is_single_employee:
        raise NotForYouError(f"You {done}, so somebody else must decide.")
    return f" (single-employee mode: by who {done})" if done else ""


def _attempt_for(customer: Customer, by: User) -> Applicant:
    """Go on with what is open by hand; what is open at Sumsub is closed by this."""
    rows = Applicant.objects.open().filter(customer=customer)
    known: Applicant | None = rows.select_for_update().first()
    if known and known.provider == Applicant.Provider.MANUAL:
        known.customer = customer
        return known
    if known:
        close_attempt(known, by=by, reason="Decided by hand")
    return Applicant(
        tenant_id=customer.tenant_id,
        customer=customer,
        provider=Applicant.Provider.MANUAL,
        level=expected_level(customer),
        is_renewal=customer.kyc_status == KycStatus.VERIFIED and is_due(customer),
        started_at=timezone.now(),
        started_by=by,
    )
