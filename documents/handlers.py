"""What documents do when something happened; each is harmless to run twice."""

from contextlib import closing

from django.conf import settings
from django.db import transaction

from customers.tiers.models import EvidenceKind
from customers.tiers.services import record_evidence, withdraw_evidence
from documents import storage
from documents.choices import Kind, Review, Scan, Status
from documents.clamav import scan
from documents.events import (
    DocumentAccepted,
    DocumentArchived,
    DocumentDeleted,
    DocumentExpiring,
    DocumentFailed,
    DocumentStored,
)
from documents.expiry import mail_request
from documents.models import Document, HeldChunk
from documents.services import locked, record_scan
from documents.uploads import chunks_of, store_held
from events.events import GiveUpError
from events.services import subscribe
from tenants.services import get_machine

# What an accepted document proves (domain §8); the other kinds raise no tier.
PROVES: dict[str, EvidenceKind] = {
    Kind.ID: EvidenceKind.ID_DOCUMENT,
    Kind.ADDRESS_PROOF: EvidenceKind.ADDRESS_DOCUMENT,
    Kind.INCOME_PROOF: EvidenceKind.INCOME_PROOF,
    Kind.BUSINESS_REGISTRATION: EvidenceKind.BUSINESS_REGISTRATION,
}


@subscribe(DocumentFailed)
def store_again(event: DocumentFailed) -> None:
    """Give the store what it did not take, for as long as the outbox tries."""
    store_held(event.document_id, by=get_machine("documents"))


@subscribe(DocumentStored)
def scan_document(event: DocumentStored) -> None:
    """Have the bytes looked at; until then nobody can read them."""
    document = Document.objects.get(pk=event.document_id)
    if document.scan != Scan.WAITING or document.status == Status.DELETED:
        return
    if not settings.CLAMAV_ADDRESS:
        raise GiveUpError("No scanner is configured any more (CLAMAV_ADDRESS).")
    with closing(storage.fetch(document.key)) as file:
        verdict = scan(chunks_of(file), address=settings.CLAMAV_ADDRESS)
    signature = "" if verdict.is_clean else verdict.signature or "unnamed"
    record_scan(document.pk, signature=signature, by=get_machine("documents"))


@subscribe(DocumentDeleted)
def erase_bytes(event: DocumentDeleted) -> None:
    """Remove what is left of a deleted document."""
    document = Document.objects.get(pk=event.document_id)
    storage.erase(document.key)
    HeldChunk.objects.filter(document=document).delete()


@subscribe(DocumentExpiring)
def ask_for_document(event: DocumentExpiring) -> None:
    """Write to the customer; a mail lost after it was sent may go out twice."""
    mail_request(event.document_id)


@subscribe(DocumentAccepted)
def record_proof(event: DocumentAccepted) -> None:
    """Count the accepted document towards the customer's tier."""
    _follow_document(event.document_id)


@subscribe(DocumentArchived)
def withdraw_proof(event: DocumentArchived) -> None:
    """Count what was put away no more."""
    _follow_document(event.document_id)


@subscribe(DocumentDeleted)
def withdraw_erased_proof(event: DocumentDeleted) -> None:
    """Count what was deleted no more."""
    _follow_document(event.document_id)


@transaction.atomic
def _follow_document(document_id: str) -> None:
    """Let evidence say what the document says now, whichever event came first.

    The document stays locked, so that nobody archives it between look and record.
    """
    document = locked(document_id)
    proved = PROVES.get(document.kind)
    if proved is None:
        return
    by, source = get_machine("documents"), f"document:{document.pk}"
    title, customer_id = str(proved.label).lower(), document.customer_id
    if (document.status, document.review) == (Status.ACTIVE, Review.ACCEPTED):
        record_evidence(
            customer_id, proved, source=source, by=by, reason=f"Accepted: {title}",
            valid_until=document.expires_on,
        )  # fmt: skip
    else:
        reason = f"Put away: {title}"
        withdraw_evidence(customer_id, proved, source=source, by=by, reason=reason)
