"""A look at a document: one page as a picture, a table as text, one sentence else."""

import shutil
from datetime import timedelta
from tempfile import NamedTemporaryFile
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as render_template
from django.utils import timezone
from django.views.decorators.http import require_GET

from common.errors import DomainError
from documents.choices import Deed
from documents.downloads import readable_document
from documents.models import Document, DocumentAccess
from documents.rendering import NotDrawable, render, table
from documents.services import open_stored, record_access
from documents.storage import StoreUnavailableError
from tenants.models import User

# Pixels. Two widths only: drawing costs us time, and nobody needs a third.
WIDTH, WIDE = 1200, 2400
# Leafing through one document is one look.
ONE_LOOK = timedelta(hours=1)
NOT_NOW, NOT_EVER = 503, 422


@require_GET
def preview_page(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """One page as PNG (`?page=2&width=2400`), of a CSV file its first rows."""
    user: User = request.user  # type: ignore[assignment]
    try:
        document = readable_document(user, document_id)
        answer = _drawn(request, document)
    except NotDrawable as error:
        note_look(document, by=user)
        answer = _sentence(error.message, NOT_EVER)
    except (DomainError, StoreUnavailableError) as error:
        answer = _sentence(str(error), NOT_NOW)
    else:
        note_look(document, by=user)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _drawn(request: HttpRequest, document: Document) -> HttpResponse:
    with NamedTemporaryFile(prefix="preview-") as copy:
        with open_stored(document) as file:
            shutil.copyfileobj(file, copy)
        copy.flush()
        if document.content_type == "text/csv":
            rows = table(copy)
            return render_template(request, "documents/_table.html", {"rows": rows})
        width = WIDE if request.GET.get("width") == str(WIDE) else WIDTH
        number = page_number(request.GET.get("page", ""))
        page = render(copy.name, document.content_type, page=number, width=width)
    answer = HttpResponse(page.png, content_type="image/png")
    answer["X-Pages"] = str(page.pages)
    return answer


def page_number(text: str) -> int:
    """Read a page counted from 1; whatever is none is the first."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= 6
    return max(int(text), 1) if is_number else 1


def note_look(document: Document, *, by: User) -> None:
    """Log the look, once for each person, document and hour."""
    since = timezone.now() - ONE_LOOK
    looks = DocumentAccess.objects.filter(document=document, reader=by)
    if not looks.filter(deed=Deed.PREVIEW, read_at__gt=since).exists():
        record_access(document, Deed.PREVIEW, by=by)


def _sentence(words: str, status: int) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")
