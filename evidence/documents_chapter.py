"""The chapter of documents: their bytes, what was made of them, who read them."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import PurePosixPath
from typing import IO, Any

from common.errors import DomainError
from customers.registry.models import Customer
from documents.choices import Scan, Status
from documents.models import Document, DocumentAccess
from documents.services import open_stored
from documents.storage import StoreUnavailableError
from evidence.chapters import Entry, chapter, columns_of, in_pages, person, safe_name

CHUNK = 256 * 1024  # bytes


@chapter("documents", "Documents", order=40)
def documents(customer: Customer) -> Iterator[Entry]:
    """Bytes first, then the list that says of each what is here and what is not."""
    rows = Document.objects.for_tenant(customer.tenant_id).filter(customer=customer)
    total = rows.count() or 1
    listed: list[dict[str, Any]] = []
    related = rows.select_related("uploaded_by", "reviewed_by")
    for number, document in enumerate(in_pages(related), start=1):
        line = _line(number, document)
        listed.append(line)
        yield from _bytes_of(document, line, share=number / total)
    yield Entry(path="list.json", rows=listed, share=1)
    reads = DocumentAccess.objects.filter(document__in=rows)
    accesses = in_pages(reads.select_related("reader"))
    yield Entry(path="reads.json", rows=map(_read, accesses), share=1)


def _bytes_of(
    document: Document, line: dict[str, Any], share: float
) -> Iterator[Entry]:
    """Yield the file, and write into `line` where it is or why it is not."""
    line["missing_because"] = _why_not(document)
    if line["missing_because"]:
        return
    with ExitStack() as stack:
        try:
            file = stack.enter_context(open_stored(document))
        except DomainError as error:  # deleted or condemned since we read the row
            line["missing_because"] = error.message
            return
        except StoreUnavailableError as error:
            if not isinstance(error.__cause__, FileNotFoundError):
                raise
            line["missing_because"] = "The store has no such file."
            return
        line["file"] = f"files/{_file_name(line['number'], document)}"
        digest = hashlib.sha256()
        yield Entry(path=line["file"], content=_chunks(file, digest), share=share)
    line["is_as_received"] = digest.hexdigest() == document.sha256


def _chunks(file: IO[bytes], digest: Any) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        yield chunk


def _why_not(document: Document) -> str:
    """Say why its bytes are not in the pack; "" when they are."""
    if document.status not in (Status.ACTIVE, Status.ARCHIVED):
        return f"{document.get_status_display()}."
    if document.scan == Scan.OFF:
        return ""
    return "" if document.is_readable else f"{document.get_scan_display()}."


def _file_name(number: int, document: Document) -> str:
    """Number it as in the list; the name somebody gave it is only a hint."""
    hint = safe_name(PurePosixPath(document.original_name).stem)
    ending = safe_name(document.content_type.rpartition("/")[2], longest=8)
    stem = f"{number:04}-{safe_name(document.title)}-{hint}".rstrip("-")
    return f"{stem}.{ending}" if ending else stem


def _line(number: int, document: Document) -> dict[str, Any]:
    return {
        "number": number,
        "title": document.title,
        **columns_of(document),
        "uploader": person(document.uploaded_by),
        "reviewer": person(document.reviewed_by),
        "file": None,
        "is_as_received": None,
    }


def _read(access: DocumentAccess) -> dict[str, Any]:
    return {
        "document": access.document_id,
        "reader": person(access.reader),
        "deed": access.get_deed_display(),
        "at": access.read_at,
    }
