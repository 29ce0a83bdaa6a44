"""Callbacks as they came, attempts, and differences to our file."""

from kyc.models.attempt import Applicant
from kyc.models.callback import Callback, CallbackRefusal, QuarantineReason
from kyc.models.difference import Difference
from kyc.models.reminder import ExpiryReminder

__all__ = [
    "Applicant",
    "Callback",
    "CallbackRefusal",
    "Difference",
    "ExpiryReminder",
    "QuarantineReason",
]
