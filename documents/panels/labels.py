"""Documents in the words and shapes that staff see."""

from datetime import date

from common.face import Label, day, until
from documents.checklist import Standing, standing_of
from documents.choices import RejectReason, Scan, Status
from documents.models import Document

KB, MB = 1024, 1024**2
TYPES = {"text/csv": "CSV"}


def document_label(document: Document, today: date) -> Label:
    """Say the one thing about it that matters most."""
    return _where_its_bytes_are(document) or _what_it_proves(document, today)


def _where_its_bytes_are(document: Document) -> Label | None:
    if document.status == Status.DELETED:
        return Label("Deleted", "ended")
    if document.scan == Scan.INFECTED:
        return Label("Malware found", "stop", document.scan_note)
    match document.status:
        case Status.ARCHIVED:
            return Label("Archived", "ended")
        case Status.FAILED:
            return Label("Not stored", "warn", document.error)
        case Status.NEW:
            return Label("Being stored", "wait")
    return None


def _what_it_proves(document: Document, today: date) -> Label:
    match standing_of(document, today):
        case Standing.REJECTED:
            return Label("Rejected", "stop", reason_words(document))
        case Standing.EXPIRED:
            return Label("Expired", "warn", _on(document.expires_on))
        case Standing.WAITING if document.scan == Scan.WAITING:
            return Label("Waits for the scanner", "wait")
        case Standing.WAITING:
            return Label("Waits for review", "wait")
        case Standing.EXPIRING:
            return Label("Expires soon", "warn", _on(document.expires_on))
    return Label("Accepted", "good")


def document_note(document: Document, today: date) -> str:
    """Say beside the shape what it does not say itself; "" where all is well."""
    label = document_label(document, today)
    if label.word == "Rejected":
        return reason_words(document).lower()
    if label.word == "Expired" and document.expires_on:
        return f"expired {day(document.expires_on, short=True)}"
    if label.word == "Expires soon" and document.expires_on:
        return f"expires {until(document.expires_on)}"
    return "" if label.word == "Accepted" else label.word.lower()


def reason_words(document: Document) -> str:
    """Why it was refused; "" when it was not."""
    if not document.review_reason:
        return ""
    return str(RejectReason(document.review_reason).label)


def file_words(document: Document) -> str:
    """Describe the file: "PDF, 212 KB, 12 Nov"."""
    when = day(document.uploaded_at, short=True)
    return f"{type_words(document)}, {size_words(document.size)}, {when}"


def type_words(document: Document) -> str:
    _, _, kind = document.content_type.rpartition("/")
    return TYPES.get(document.content_type, kind.upper())


def size_words(size: int) -> str:
    """Write bytes as people say them: "212 KB", "1.4 MB"."""
    if size < KB:
        return f"{size} bytes"
    return f"{size / MB:.1f} MB" if size >= MB else f"{size // KB} KB"


def _on(value: date | None) -> str:
    return day(value) if value else ""
