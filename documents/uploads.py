"""A file's way in: look at it, write it down, store it, say what came of it.

Command, gateway, command: no transaction is open while the store is spoken to.
"""

import hashlib
from collections.abc import Iterator
from contextlib import closing
from tempfile import TemporaryFile
from typing import IO, cast
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile

from common.errors import DomainError
from common.observing.measures import UPLOADS
from documents import storage
from documents.choices import Status
from documents.inspection import inspect
from documents.models import Document, HeldChunk
from documents.receiving import MAX_FILE_BYTES, TOO_LARGE
from documents.services import (
    CHUNK_BYTES,
    Paper,
    Received,
    receive_document,
    record_failed,
    record_stored,
)
from documents.storage import StoreUnavailableError
from tenants.models import User

INTERRUPTED = "The upload was interrupted; send the file again."


def upload_document(
    customer_id: UUID | str,
    paper: Paper,
    file: UploadedFile,  # type: ignore[type-arg]
    *,
    by: User,
) -> Document:
    """Keep an uploaded file; a repeat with the same id returns the known document.

    Raises DomainError for a file we do not take. When the store does not take it the
    document is `failed`, its bytes are held, and it is tried again by itself.
    """
    content = cast("IO[bytes]", file.file)
    sha256 = getattr(file, "sha256", "") or digest_of(content)
    return keep_file(
        customer_id, paper, content, name=file.name or "", sha256=sha256, by=by
    )


def keep_file(
    customer_id: UUID | str, paper: Paper, file: IO[bytes], *, name: str, sha256: str,
    by: User,
) -> Document:  # fmt: skip
    """Do the same for any seekable file, e.g. one that a provider handed out."""
    source = paper.source
    try:
        document, is_new = _keep(customer_id, paper, file, name, sha256, by)
    except DomainError:
        UPLOADS.labels(source, "refused").inc()
        raise
    UPLOADS.labels(source, _outcome_of(document, is_new=is_new)).inc()
    return document


def _outcome_of(document: Document, *, is_new: bool) -> str:
    if not is_new:
        return "repeated"
    return "held" if document.status == Status.FAILED else "stored"


def _keep(
    customer_id: UUID | str, paper: Paper, file: IO[bytes], name: str, sha256: str,
    by: User,
) -> tuple[Document, bool]:  # fmt: skip
    size = file.seek(0, 2)
    if size > MAX_FILE_BYTES:
        raise DomainError(TOO_LARGE, code="FILE_TOO_LARGE", field="file")
    file.seek(0)
    content_type = inspect(file, name=name)
    received = Received(name=name, size=size, sha256=sha256, content_type=content_type)
    document, is_new = receive_document(customer_id, paper, received, by=by)
    if is_new:
        store_file(document, file, by=by)
        document.refresh_from_db()
    return document, is_new


def store_file(document: Document, file: IO[bytes], *, by: User) -> None:
    """Give the bytes to the store, or hold them until it takes them."""
    try:
        storage.put(document.key, file)
    except StoreUnavailableError as error:
        file.seek(0)
        record_failed(document.pk, error=str(error), chunks=chunks_of(file), by=by)
    else:
        record_stored(document.pk, by=by)


def store_held(document_id: UUID | str, *, by: User) -> bool:
    """Try again with the bytes that are held; True when the store has them.

    Raises StoreUnavailableError, and DomainError when nothing is left to try with.
    """
    document = Document.objects.get(pk=document_id)
    if document.status not in (Status.NEW, Status.FAILED):
        return document.status == Status.ACTIVE
    with TemporaryFile() as file:
        held = HeldChunk.objects.filter(document=document).order_by("number")
        for chunk in held.iterator(chunk_size=1):
            file.write(chunk.content)
        if file.tell() == document.size:
            storage.put(document.key, file)
        elif not _has_whole(document):
            raise DomainError(INTERRUPTED)
    return record_stored(document.pk, by=by) or True


def _has_whole(document: Document) -> bool:
    """Whether the store got all of it before whoever put it there died."""
    if not storage.has(document.key):
        return False
    with closing(storage.fetch(document.key)) as file:
        return digest_of(file) == document.sha256


def chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def digest_of(file: IO[bytes]) -> str:
    """The SHA-256 of a file from its beginning; it is left there."""
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in chunks_of(file):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
