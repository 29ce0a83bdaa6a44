"""What documents do when something happened; each is harmless to run twice."""

from contextlib import closing

from django.conf import settings

from documents import storage
from documents.choices import Scan, Status
from documents.clamav import scan
from documents.events import (
    DocumentDeleted,
    DocumentExpiring,
    DocumentFailed,
    DocumentStored,
)
from documents.expiry import mail_request
from documents.models import Document, HeldChunk
from documents.services import record_scan
from documents.uploads import chunks_of, store_held
from events.events import GiveUpError
from events.services import subscribe
from tenants.services import get_machine


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
