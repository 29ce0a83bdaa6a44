"""What may be asked of documents: lock, decide, save, publish."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from datetime import date
from typing import IO
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from common.errors import DomainError, NotForYouError
from common.text import clean
from customers.registry.models import Customer
from documents import storage
from documents.choices import (
    Deed,
    IdType,
    Kind,
    RejectReason,
    Review,
    Scan,
    Source,
    Status,
)
from documents.events import DocumentExpiring, DocumentReceived
from documents.models import Document, DocumentAccess, HeldChunk
from documents.names import original_name, sanitised_name, storage_key
from events.events import Event
from events.services import publish
from tenants.models import User

CHUNK_BYTES = 1024**2


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What is said about a file by whoever sends it; `id` makes a repeat harmless."""

    kind: str
    id_type: str = ""
    issued_on: date | None = None
    expires_on: date | None = None
    source: str = Source.STAFF
    provider_id: str = ""
    id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Received:
    """What we know of the bytes themselves."""

    name: str
    size: int
    sha256: str
    content_type: str


@transaction.atomic
def receive_document(
    customer_id: UUID | str, paper: Paper, file: Received, *, by: User
) -> tuple[Document, bool]:
    """Write down what came; returns it and whether it is new.

    The same id, or the provider's same image, is the known document. Raises
    DomainError for a paper that contradicts itself or a customer who has left.
    """
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    if known := _known(customer, paper):
        return known, False
    refuse_paper(customer, paper)
    document = Document(
        tenant_id=customer.tenant_id,
        customer=customer,
        kind=paper.kind,
        id_type=paper.id_type,
        issued_on=paper.issued_on,
        expires_on=paper.expires_on,
        original_name=original_name(file.name),
        name=sanitised_name(file.name),
        content_type=file.content_type,
        size=file.size,
        sha256=file.sha256,
        scan=Scan.WAITING if settings.CLAMAV_ADDRESS else Scan.OFF,
        source=paper.source,
        provider_id=paper.provider_id,
        uploaded_at=timezone.now(),
        uploaded_by=by,
        **({"id": paper.id} if paper.id else {}),
    )
    document.key = storage_key(document.pk, document.content_type)
    document.save_as(by, str(Source(paper.source).label), force_insert=True)
    event = DocumentReceived(
        customer_id=str(customer.pk), document_id=str(document.pk), kind=document.kind
    )
    publish(event, by=by, tenant_id=customer.tenant_id)
    return document, True


def _known(customer: Customer, paper: Paper) -> Document | None:
    if paper.id:
        known: Document | None = Document.objects.filter(pk=paper.id).first()
        if known and known.customer_id != customer.pk:
            raise DomainError("This form has sent a document already; begin anew.")
        return known
    if paper.provider_id:
        filed = Document.objects.filter(
            customer=customer, provider_id=paper.provider_id
        )
        return filed.first()
    return None


def refuse_paper(customer: Customer, paper: Paper) -> None:
    """Raise DomainError when what is said about the file cannot be."""
    if customer.status == "archived":
        raise DomainError(f"Cannot add a document: {customer} is archived.")
    if paper.kind not in Kind.values:
        raise DomainError("There is no such kind of document.", field="kind")
    if paper.id_type and paper.kind != Kind.ID:
        raise DomainError("Only identity documents have a type of ID.", field="id_type")
    if paper.id_type not in ("", *IdType.values):
        raise DomainError("There is no such type of ID.", field="id_type")
    if paper.issued_on and paper.issued_on > customer.tenant.today:
        raise DomainError("The day of issue is in the future.", field="issued_on")
    if paper.issued_on and paper.expires_on and paper.expires_on <= paper.issued_on:
        raise DomainError("It would expire before it was issued.", field="expires_on")


def locked(document_id: UUID | str) -> Document:
    document: Document = Document.objects.select_for_update().get(pk=document_id)
    return document


def _keep(document: Document, event: Event | None, by: User, reason: str) -> bool:
    """Save and publish when something happened; tell whether it did."""
    if event is None:
        return False
    document.save_as(by, reason)
    publish(event, by=by, tenant_id=document.tenant_id, reason=reason)
    return True


@transaction.atomic
def record_stored(document_id: UUID | str, *, by: User) -> bool:
    """Note that the store has the bytes; what was held of them goes."""
    document = locked(document_id)
    if document.status not in (Status.NEW, Status.FAILED, Status.ACTIVE):
        return False
    is_new = _keep(document, document.store(), by, "Stored")
    HeldChunk.objects.filter(document=document).delete()
    return is_new


@transaction.atomic
def record_failed(
    document_id: UUID | str, *, error: str, chunks: Iterable[bytes], by: User
) -> bool:
    """Note that the store did not take them, and hold what was received."""
    document = locked(document_id)
    event = document.fail(error)
    if event is None:
        return False
    for number, content in enumerate(chunks):
        HeldChunk.objects.create(document=document, number=number, content=content)
    return _keep(document, event, by, error)


@transaction.atomic
def record_scan(document_id: UUID | str, *, signature: str, by: User) -> bool:
    """Note what the scanner said; "" is clean. A repeat changes nothing.

    An infected file is refused as evidence at once, and nobody may read it.
    """
    document = locked(document_id)
    if document.scan != Scan.WAITING:
        return False
    if not signature:
        return _keep(document, document.clear(), by, "No malware found")
    event = document.condemn(clean(signature))
    if document.review == Review.PENDING:
        document.reject(RejectReason.MALWARE, timezone.now())
        document.reviewed_by = by
    return _keep(document, event, by, f"Malware: {document.scan_note}")


@transaction.atomic
def accept_document(document_id: UUID | str, *, by: User) -> bool:
    """Take it as evidence. Raises DomainError when it cannot be."""
    document = locked(document_id)
    refuse_review(document, by)
    if document.is_expired(document.tenant.today):
        raise DomainError(f"Cannot accept: it expired on {document.expires_on}.")
    event = document.accept(timezone.now())
    document.reviewed_by = by
    return _keep(document, event, by, _as_reviewed(document, "Accepted", by))


@transaction.atomic
def reject_document(document_id: UUID | str, *, reason: RejectReason, by: User) -> bool:
    """Refuse it as evidence, with a reason of the closed list."""
    document = locked(document_id)
    if reason not in RejectReason.values or reason == RejectReason.MALWARE:
        raise DomainError("Choose a reason.", field="reason")
    refuse_review(document, by)
    event = document.reject(RejectReason(reason), timezone.now())
    document.reviewed_by = by
    words = f"Rejected: {RejectReason(reason).label}"
    return _keep(document, event, by, _as_reviewed(document, words, by))


def refuse_review(document: Document, by: User) -> None:
    """Raise DomainError while nobody, or not this person, may decide on it."""
    if document.status != Status.ACTIVE:
        raise DomainError(f"Cannot review: the document is {document.status}.")
    if document.scan in (Scan.WAITING, Scan.INFECTED):
        raise DomainError(f"Cannot review: {document.get_scan_display().lower()}.")
    is_own = document.uploaded_by_id == by.pk
    if is_own and not document.tenant.is_single_employee:
        raise NotForYouError("You uploaded this, so somebody else must review it.")


def _as_reviewed(document: Document, words: str, by: User) -> str:
    own = document.uploaded_by_id == by.pk
    return f"{words} (single-employee mode: by who uploaded it)" if own else words


@transaction.atomic
def archive_document(document_id: UUID | str, *, reason: str, by: User) -> bool:
    """Put it away; it proves nothing any more and is kept."""
    document = locked(document_id)
    return _keep(document, document.archive(), by, reason)


@transaction.atomic
def delete_document(document_id: UUID | str, *, reason: str, by: User) -> bool:
    """Give up its bytes for good; a handler removes them, the row stays."""
    document = locked(document_id)
    return _keep(document, document.remove(), by, reason)


@transaction.atomic
def ask_again(document_id: UUID | str, *, by: User) -> bool:
    """Ask for a fresh one before this expires; once for each expiry date."""
    document = locked(document_id)
    if document.expires_on is None or document.asked_again_for == document.expires_on:
        return False
    document.asked_again_for = document.expires_on
    event = DocumentExpiring(
        customer_id=str(document.customer_id), document_id=str(document.pk),
        kind=document.kind, expires_on=document.expires_on.isoformat(),
    )  # fmt: skip
    return _keep(document, event, by, f"Expires on {document.expires_on}")


def open_stored(document: Document) -> AbstractContextManager[IO[bytes]]:
    """Open the stored bytes; they are closed behind you.

    Raises DomainError when nobody may read them, StoreUnavailableError.
    """
    if not document.is_readable:
        raise DomainError("This document cannot be read.")
    return closing(storage.fetch(document.key))


def record_access(document: Document, deed: Deed, *, by: User) -> None:
    """Log that somebody read the bytes, or was refused."""
    DocumentAccess.objects.create(
        document=document, reader=by, deed=deed, read_at=timezone.now()
    )
