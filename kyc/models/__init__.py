"""Callbacks as they came, attempts, and differences to our file."""

from kyc.models.attempt import Applicant
from kyc.models.callback import Callback, CallbackRefusal, QuarantineReason
from kyc.models.difference import Difference
from kyc.models.manual import REASONS, ManualReason, ManualVerdict
from kyc.models.reminder import ExpiryReminder

__all__ = [
    "REASONS",
    "Applicant",
    "Callback",
    "CallbackRefusal",
    "Difference",
    "ExpiryReminder",
    "ManualReason",
    "ManualVerdict",
    "QuarantineReason",
]
