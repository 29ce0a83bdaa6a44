"""Start KYC: an attempt in our tables, then a link from Sumsub, shown once."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings

from common.errors import DomainError
from customers.registry.models import Customer
from kyc.models import Applicant
from kyc.services import forget_applicant, note_link, start_attempt
from kyc.sumsub.client import SumsubClient, get_sumsub
from kyc.sumsub.errors import (
    SumsubBusy,
    SumsubConflict,
    SumsubError,
    SumsubNotFound,
    SumsubRateLimited,
    SumsubRefused,
    SumsubUnauthorized,
)
from kyc.sumsub.types import ApplicantState, Verdict
from tenants.models import User

_SENTENCES: tuple[tuple[type[SumsubError], str], ...] = (
    (SumsubUnauthorized, "Sumsub does not accept our token; tell an operator."),
    (SumsubRefused, "Sumsub refuses to make a link; tell an operator."),
    (SumsubBusy, "Sumsub still checks this customer; try again in a minute."),
    (SumsubConflict, "Sumsub still checks this customer; wait for its answer."),
    (SumsubRateLimited, "Sumsub is asked too much just now; try again in a minute."),
)


@dataclass(frozen=True)
class IssuedLink:
    """A bearer secret for the customer's own browser; kept nowhere, never logged."""

    attempt: Applicant
    url: str = field(repr=False)
    expires_at: datetime


def start_kyc(customer_id: UUID, *, by: User) -> IssuedLink:
    """Open the attempt and make a link; pressing again makes a fresh link for it.

    Raises DomainError when the customer may not be verified now, or when Sumsub does
    not answer: the attempt then stands and pressing again goes on from there.
    """
    attempt = start_attempt(customer_id, by=by)
    customer = Customer.objects.get(pk=customer_id)
    try:
        return _issue(attempt, customer, by)
    except SumsubError as error:
        raise DomainError(sentence_for(error)) from error


def sentence_for(error: SumsubError) -> str:
    """What staff can do about it; Sumsub's own words stay in the log."""
    for kind, sentence in _SENTENCES:
        if isinstance(error, kind):
            return sentence
    return "Sumsub does not answer now; try again in a few minutes."


def _issue(attempt: Applicant, customer: Customer, by: User) -> IssuedLink:
    client = get_sumsub()
    if attempt.is_repeat:
        _make_ready(client, attempt, by)
    link = client.create_link(
        level=attempt.level,
        external_user_id=str(customer.pk),
        ttl_seconds=settings.SUMSUB_LINK_TTL_SECONDS,
        email=customer.email,
        phone=customer.phone,
    )
    note_link(attempt.pk, expires_at=link.expires_at, by=by)
    return IssuedLink(attempt, link.url, link.expires_at)


def _make_ready(client: SumsubClient, attempt: Applicant, by: User) -> None:
    """Take the used applicant back to its start, unless that happened already."""
    try:
        state = client.applicant(attempt.applicant_id)
    except SumsubNotFound:
        forget_applicant(attempt.pk, by=by)  # purged there: the link makes a new one
        return
    if state.is_deleted:
        raise DomainError(
            "This applicant is deactivated at Sumsub; activate it there first."
        )
    if state.review.level not in ("", attempt.level):
        client.move_to_level(attempt.applicant_id, attempt.level)
    elif _shows_old_verdict(state, attempt):
        client.reset(attempt.applicant_id)


def _shows_old_verdict(state: ApplicantState, attempt: Applicant) -> bool:
    if state.review.verdict is Verdict.NONE:
        return False
    return attempt.is_of_before(state.review.reviewed_at)
