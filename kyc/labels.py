"""Attempts and callbacks in the words and shapes that staff see."""

import re
from datetime import datetime

from django.utils import timezone

from common.face import DAY, Label, Tone, ago, moment
from kyc.models import Applicant, Callback, ManualReason, QuarantineReason

_TONES: dict[str, Tone] = {
    Applicant.Status.STARTED: "wait",
    Applicant.Status.IN_REVIEW: "wait",
    Applicant.Status.NEEDS_USER: "warn",
    Applicant.Status.ON_HOLD: "warn",
    Applicant.Status.APPROVED: "good",
    Applicant.Status.RESUBMIT: "warn",
    Applicant.Status.REJECTED: "stop",
    Applicant.Status.CLOSED: "ended",
}
_CALLBACK_TONES: dict[str, Tone] = {
    Callback.Status.RECEIVED: "wait",
    Callback.Status.APPLIED: "good",
    Callback.Status.LATE: "quiet",
    Callback.Status.IGNORED: "quiet",
    Callback.Status.QUARANTINED: "warn",
}
# What staff may make of it, under the reason.
_ADVICE: dict[str, str] = {
    QuarantineReason.UNREADABLE: "It is stored as it came; look at the body.",
    QuarantineReason.UNKNOWN_TYPE: "Replay it once a release of ours knows it.",
    QuarantineReason.UNKNOWN_APPLICANT: (
        "It may belong to another institution, or was made by hand at Sumsub."
    ),
    QuarantineReason.OTHER_APPLICANT: "Find out which of the two is the right one.",
    QuarantineReason.UNEXPECTED_LEVEL: "A verdict counts for the right level only.",
    QuarantineReason.SANDBOX: "A test account posts to this address.",
    QuarantineReason.NOT_FOUND: "It was deleted there, or our token may not see it.",
}
_ANSWERS = {"GREEN": "Approved", "RED": "Refused"}


def attempt_label(attempt: Applicant) -> Label:
    return Label(attempt.get_status_display(), _TONES[attempt.status])


def callback_label(callback: Callback) -> Label:
    return Label(callback.get_status_display(), _CALLBACK_TONES[callback.status])


def attempt_title(attempt: Applicant) -> str:
    if is_by_hand(attempt):
        return "Renewal by hand" if attempt.is_renewal else "By hand"
    if attempt.is_renewal:
        return "Renewal"
    return "Repeated" if attempt.is_repeat else "First"


def is_by_hand(attempt: Applicant) -> bool:
    return attempt.provider == Applicant.Provider.MANUAL


def attempt_meta(attempt: Applicant) -> str:
    """Say how often they tried and for what: "2nd try, KYC"."""
    kind = "KYC" if attempt.customer.is_individual else "KYB"
    tries = attempt.attempt_count
    if is_by_hand(attempt):
        return f"{_ordinal(tries)} decision, {kind}" if tries > 1 else kind
    if tries < 2:
        return f"{tries} try, {kind}" if tries else f"not submitted, {kind}"
    return f"{_ordinal(tries)} try, {kind}"


def attempt_words(attempt: Applicant) -> str:
    return f"{attempt_title(attempt)}, {attempt_meta(attempt)}"


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if 10 <= number % 100 <= 20 else ending}"


def label_words(labels: list[str]) -> list[str]:
    """Write codes as words: ours by their list, Sumsub's `BAD_SELFIE` as it reads."""
    ours = dict(ManualReason.choices)
    return [
        str(ours.get(code) or str(code).replace("_", " ").capitalize())
        for code in labels
    ]


def sent_words(callback: Callback) -> str:
    """Say what Sumsub sent: "Reviewed, green"."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", callback.type)
    words = spaced.removeprefix("applicant ").lower().capitalize() or "Unreadable"
    if callback.type == "applicantReviewed" and callback.review_answer:
        return f"{words}, {callback.review_answer.lower()}"
    return words


def short_id(applicant_id: str) -> str:
    if len(applicant_id) <= 12:
        return applicant_id
    return f"{applicant_id[:6]}…{applicant_id[-4:]}"


def why_it_waits(callback: Callback) -> str:
    """The reason as a sentence, with the level where that is what is wrong."""
    if callback.reason == QuarantineReason.UNEXPECTED_LEVEL and callback.level_name:
        done = _ANSWERS.get(callback.review_answer, "Decided")
        return f"{done} for a level we do not use, “{callback.level_name}”."
    return callback.get_reason_display()


def what_to_make_of_it(callback: Callback) -> str:
    return callback.note or _ADVICE.get(callback.reason, "")


def received(at: datetime) -> Label | str:
    """How long ago; amber after a day."""
    if timezone.now() - at < DAY:
        return ago(at)
    return Label(ago(at), "warn", moment(at))
