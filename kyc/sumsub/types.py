"""What Sumsub tells us, in our words; what it does not say stays "" or None."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

INDIVIDUAL = "individual"
COMPANY = "company"


class Verdict(StrEnum):
    """What a review amounts to for us."""

    NONE = "none"  # not completed: whatever answer rides along does not count
    APPROVED = "approved"
    RESUBMIT = "resubmit"
    REJECTED = "rejected"
    UNDECIDED = "undecided"  # completed, but a person must read it


@dataclass(frozen=True, slots=True)
class Review:
    """Where the check of one applicant for one level stands."""

    status: str = ""
    answer: str = ""
    reject_type: str = ""
    labels: tuple[str, ...] = ()
    moderation_comment: str = ""
    client_comment: str = ""
    level: str = ""
    attempt_count: int | None = None
    review_id: str = ""
    reviewed_at: datetime | None = None

    @property
    def verdict(self) -> Verdict:
        """Read the answer, which counts only once the review is completed."""
        if self.status != "completed":
            return Verdict.NONE
        if self.answer == "GREEN":
            return Verdict.APPROVED
        if self.answer == "RED" and self.reject_type == "RETRY":
            return Verdict.RESUBMIT
        if self.answer == "RED" and self.reject_type == "FINAL":
            return Verdict.REJECTED
        return Verdict.UNDECIDED


@dataclass(frozen=True, slots=True)
class IdDocument:
    """An identity document Sumsub has read; the country is alpha-3 as given."""

    document_type: str = ""
    country: str = ""
    number: str = ""
    issued_on: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A natural person as verified, else as stated; countries alpha-3 as given."""

    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    birth_date: date | None = None
    nationality: str = ""
    country_of_birth: str = ""
    gender: str = ""
    address: str = ""
    documents: tuple[IdDocument, ...] = ()


@dataclass(frozen=True, slots=True)
class Beneficiary:
    """One person or company behind a company.

    ``applicant_id`` is "" where Sumsub only keeps the details and checks nobody.
    """

    link_id: str = ""
    applicant_id: str = ""
    roles: tuple[str, ...] = ()
    share_percent: Decimal | None = None
    first_name: str = ""
    last_name: str = ""
    company_name: str = ""


@dataclass(frozen=True, slots=True)
class Company:
    """A company as found by Sumsub, else as stated; the country alpha-3 as given."""

    name: str = ""
    registration_number: str = ""
    country: str = ""
    legal_address: str = ""
    incorporated_on: date | None = None
    legal_form: str = ""
    tax_id: str = ""
    beneficiaries: tuple[Beneficiary, ...] = ()


@dataclass(frozen=True, slots=True)
class ApplicantState:
    """The present truth about one applicant."""

    applicant_id: str
    inspection_id: str
    external_user_id: str
    applicant_type: str  # "individual", "company", or what else Sumsub says
    review: Review
    person: Person | None
    company: Company | None
    is_deleted: bool
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class ApplicantImage:
    """One image of a document at Sumsub; its bytes are asked for by both ids.

    ``document_type``, ``side`` and ``source`` are Sumsub's own words, an open list:
    PASSPORT, ID_CARD, DRIVERS, UTILITY_BILL, SELFIE, COMPANY_DOC …; FRONT_SIDE,
    BACK_SIDE, or the sort of company document; fileupload, docapture, liveness …
    """

    image_id: str
    document_type: str = ""
    side: str = ""
    country: str = ""  # alpha-3 as given
    file_name: str = ""  # as the applicant named it: never a path of ours
    file_type: str = ""  # "jpeg", "pdf": a claim, the bytes decide
    file_size: int | None = None  # bytes
    answer: str = ""  # "GREEN", "RED" or ""
    is_deactivated: bool = False
    source: str = ""
    added_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class VerificationLink:
    """A link for the applicant's own browser: a bearer secret, never to be logged."""

    url: str
    expires_at: datetime

    def __repr__(self) -> str:
        """Keep the secret out of logs and tracebacks."""
        return f"VerificationLink(url=…, expires_at={self.expires_at!r})"


@dataclass(frozen=True, slots=True)
class CallbackNotice:
    """The hint a callback gives; the truth is asked for afterwards."""

    type: str
    applicant_id: str = ""
    inspection_id: str = ""
    applicant_type: str = ""
    correlation_id: str = ""
    external_user_id: str = ""
    level_name: str = ""
    review_status: str = ""
    review_answer: str = ""
    reject_type: str = ""
    created_at: datetime | None = None
    created_at_text: str = ""
    is_sandbox: bool | None = None
    is_test: bool = False
    member_of: tuple[str, ...] = ()
    action_id: str = ""
