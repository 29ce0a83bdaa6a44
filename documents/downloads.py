"""Handing out bytes: who may, what is logged, and addresses that soon end."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from common.errors import DomainError
from documents import storage
from documents.choices import Deed, Scan, Status
from documents.models import Document
from documents.names import download_name
from documents.services import record_access
from documents.storage import StoreUnavailableError
from tenants.models import User


def readable_document(user: User, document_id: UUID | str) -> Document:
    """The document, if this person may read its bytes now.

    Raises Http404 for another institution's, PermissionDenied (logged) without the
    permission, and DomainError while there is nothing that may be read.
    """
    document: Document | None = (
        Document.objects.for_user(user).filter(pk=document_id).first()
    )
    if document is None:
        raise Http404
    if not user.has_perm("documents.download_document"):
        record_access(document, Deed.DENIED, by=user)
        raise PermissionDenied
    if not document.is_readable:
        raise DomainError(why_unreadable(document))
    return document


def why_unreadable(document: Document) -> str:
    """Say in one sentence why nobody can read it."""
    if document.scan == Scan.INFECTED:
        return "Malware was found in this document, so nobody can open it."
    if document.scan == Scan.WAITING and document.status == Status.ACTIVE:
        return "This document waits for the malware scanner; try again soon."
    if document.status == Status.DELETED:
        return "The file of this document was deleted."
    return "The file of this document is not stored yet."


def address_of(document: Document, *, by: User) -> str:
    """Log the download and return an address that works for a minute.

    Raises DomainError while the store does not answer.
    """
    name = download_name(document.name, document.content_type)
    try:
        address = storage.signed_url(
            document.key, name=name, content_type=document.content_type
        )
    except StoreUnavailableError as error:
        raise DomainError(str(error)) from error
    record_access(document, Deed.DOWNLOAD, by=by)
    return address


@require_GET
def stored_file(request: HttpRequest, token: str) -> HttpResponseBase:
    """Serve a local address, as a bucket would: to whoever has it, for a minute."""
    del request
    known = storage.read_token(token)
    if known is None:
        raise PermissionDenied
    key, name, content_type = known
    try:
        file = storage.fetch(key)
    except StoreUnavailableError as error:
        raise Http404 from error
    answer = FileResponse(
        file, as_attachment=True, filename=name, content_type=content_type
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer
