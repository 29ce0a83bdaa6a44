"""What may be asked of verification: store, start, apply, settle."""

from kyc.services.attempts import (
    RENEWAL_OPENS_DAYS,
    adopt_attempt,
    cancel_attempt,
    close_attempt,
    expected_level,
    forget_applicant,
    newest_at_sumsub,
    newest_attempt,
    note_link,
    note_silence,
    refusal_to_start,
    start_attempt,
    takes_link,
)
from kyc.services.callbacks import (
    holder_of,
    is_from_sandbox,
    owner_of,
    quarantine,
    replay_callback,
    settle_callback,
    settle_refetched,
    store_callback,
)

__all__ = [
    "RENEWAL_OPENS_DAYS", "adopt_attempt", "cancel_attempt", "close_attempt",
    "expected_level", "forget_applicant", "holder_of", "is_from_sandbox",
    "newest_at_sumsub", "newest_attempt", "note_link", "note_silence", "owner_of",
    "quarantine", "refusal_to_start", "replay_callback", "settle_callback",
    "settle_refetched", "start_attempt", "store_callback", "takes_link",
]  # fmt: skip
