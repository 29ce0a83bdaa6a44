"""What happens in verification, in the past tense."""

from dataclasses import dataclass
from typing import ClassVar

from events.events import Event

_WORDS = {
    "started": "KYC started again",
    "in_review": "Submitted at Sumsub",
    "needs_user": "Sumsub waits for the customer",
    "on_hold": "On hold at Sumsub",
    "approved": "Approved at Sumsub",
    "resubmit": "Asked to resubmit",
    "rejected": "Rejected at Sumsub",
    "closed": "Applicant closed at Sumsub",
}
_WORDS_BY_US = {
    "approved": "Approved by hand",
    "resubmit": "Documents asked for again",
    "rejected": "Rejected by hand",
    "closed": "KYC attempt closed",
}


@dataclass(frozen=True, kw_only=True)
class CallbackReceived(Event):
    """A callback is stored; whose it is comes out when it is applied."""

    is_restricted: ClassVar[bool] = True
    callback_id: str

    def words(self) -> tuple[str, str]:
        return "Callback received", ""


@dataclass(frozen=True, kw_only=True)
class CallbackQuarantined(Event):
    is_restricted: ClassVar[bool] = True
    is_trouble: ClassVar[bool] = True
    callback_id: str
    reason: str
    customer_id: str = ""

    def words(self) -> tuple[str, str]:
        return "Callback quarantined", self.reason.replace("_", " ")


@dataclass(frozen=True, kw_only=True)
class CallbackReplayed(Event):
    is_restricted: ClassVar[bool] = True
    callback_id: str
    deed: str
    customer_id: str = ""

    def words(self) -> tuple[str, str]:
        return "Callback tried again", self.deed


@dataclass(frozen=True, kw_only=True)
class KycStarted(Event):
    customer_id: str
    attempt_id: str
    is_renewal: bool = False

    def words(self) -> tuple[str, str]:
        return ("KYC renewal started" if self.is_renewal else "KYC started"), ""


@dataclass(frozen=True, kw_only=True)
class AttemptMoved(Event):
    """An attempt changed its status. Labels and comments stay on the attempt.

    `is_by_us` when staff, or our own rules, moved it and not an answer of Sumsub.
    """

    customer_id: str
    attempt_id: str
    status: str
    is_by_us: bool = False

    def words(self) -> tuple[str, str]:
        words = _WORDS_BY_US if self.is_by_us else _WORDS
        return words.get(self.status, self.status), ""


@dataclass(frozen=True, kw_only=True)
class ImageNotFiled(Event):
    """An image that Sumsub holds is none we take; it is not asked for again."""

    is_restricted: ClassVar[bool] = True
    is_trouble: ClassVar[bool] = True
    customer_id: str
    image_id: str
    why: str

    def words(self) -> tuple[str, str]:
        return "Image of Sumsub not filed", self.why.replace("_", " ").lower()


@dataclass(frozen=True, kw_only=True)
class DifferencesFound(Event):
    """Sumsub says otherwise than our file; only the names of the fields."""

    is_restricted: ClassVar[bool] = True
    customer_id: str
    fields: list[str]

    def words(self) -> tuple[str, str]:
        names = ", ".join(field.replace("_", " ") for field in self.fields)
        return "Sumsub differs from our file", names


@dataclass(frozen=True, kw_only=True)
class DifferencesResolved(Event):
    is_restricted: ClassVar[bool] = True
    customer_id: str
    accepted: list[str]
    kept: list[str]

    def words(self) -> tuple[str, str]:
        return "Differences decided", f"{len(self.accepted)} accepted"


@dataclass(frozen=True, kw_only=True)
class CaseTakenOver(Event):
    """A colleague who was at it, `taken_from`, gave way to whoever did this.

    `case_id` names the customer, or the callback that names none.
    """

    is_restricted: ClassVar[bool] = True
    customer_id: str
    case_id: str
    taken_from: str

    def words(self) -> tuple[str, str]:
        return "KYC case taken over", "from a colleague"


@dataclass(frozen=True, kw_only=True)
class KycExpiryNeared(Event):
    """`days` before the day; each is said once a term."""

    customer_id: str
    days: int

    def words(self) -> tuple[str, str]:
        return "KYC expires soon", f"in {self.days} days"
