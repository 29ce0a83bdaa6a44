"""What compliance may decide by hand, and why: closed lists, without a table."""

from django.db.models import TextChoices


class ManualVerdict(TextChoices):
    APPROVE = "approve", "Approve"
    REJECT = "reject", "Reject"
    ASK_AGAIN = "ask_again", "Ask for documents again"


class ManualReason(TextChoices):
    """Why; the words are what compliance chooses from and what the file says."""

    DOCUMENTS_MATCH = "documents_match", "Documents match our file"
    SEEN_IN_PERSON = "seen_in_person", "Seen in person"
    KNOWN_CUSTOMER = "known_customer", "Known to us for long"
    DOCUMENTS_DO_NOT_MATCH = "documents_do_not_match", "Documents do not match our file"
    DOCUMENT_FORGED = "document_forged", "A document is forged"
    PERSON_NOT_FOUND = "person_not_found", "The person or company cannot be found"
    SANCTIONS_CONCERN = "sanctions_concern", "Sanctions concern"
    INFORMATION_WITHHELD = "information_withheld", "Information is withheld"
    DOCUMENT_MISSING = "document_missing", "A document is missing"
    DOCUMENT_UNREADABLE = "document_unreadable", "A document is unreadable"
    DOCUMENT_TOO_OLD = "document_too_old", "A document is too old"
    OTHER_REASON = "other_reason", "Other reason"


_R = ManualReason
# Which reasons may be given for what.
REASONS: dict[ManualVerdict, tuple[ManualReason, ...]] = {
    ManualVerdict.APPROVE: (
        _R.DOCUMENTS_MATCH, _R.SEEN_IN_PERSON, _R.KNOWN_CUSTOMER,
    ),
    ManualVerdict.REJECT: (
        _R.DOCUMENTS_DO_NOT_MATCH, _R.DOCUMENT_FORGED, _R.PERSON_NOT_FOUND,
        _R.SANCTIONS_CONCERN, _R.INFORMATION_WITHHELD, _R.OTHER_REASON,
    ),
    ManualVerdict.ASK_AGAIN: (
        _R.DOCUMENT_MISSING, _R.DOCUMENT_UNREADABLE, _R.DOCUMENT_TOO_OLD,
        _R.DOCUMENTS_DO_NOT_MATCH, _R.OTHER_REASON,
    ),
}  # fmt: skip
