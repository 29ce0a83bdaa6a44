"""The review desk: one document at a time, the oldest first, and its decision."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from common.dialogs import require
from common.errors import DomainError
from customers.registry.models import ClaimKind, Customer
from customers.registry.services import claim, end_claim
from documents.admin.case import REASONS, Case, row_of, then_opens, verdict_of
from documents.admin.preview import preview_page
from documents.admin.queue import Line, who_is_at
from documents.choices import RejectReason, Review
from documents.models import Document
from documents.services import accept_document, reject_document
from tenants.models import User

TITLE = "Document review"
MOST_ROWS = 50  # of the list on phones
RELATED = ("customer__tenant", "tenant", "uploaded_by", "reviewed_by")


def review_urls(site: AdminSite) -> list[URLPattern]:
    """The addresses of the desk, below those of the documents."""

    def queue(request: HttpRequest) -> HttpResponse:
        return queue_page(request, site)

    def one(request: HttpRequest, document_id: UUID) -> HttpResponse:
        return case_page(request, site, document_id)

    view, case = site.admin_view, "review/<uuid:document_id>"
    return [
        path("review/", view(queue), name="documents_review"),
        path("review/take-next/", view(take_next), name="documents_take_next"),
        path(f"{case}/", view(one), name="documents_review_one"),
        path(f"{case}/take/", view(take), name="documents_take"),
        path(f"{case}/decide/", view(decide), name="documents_decide"),
        path(f"{case}/preview/", view(preview_page), name="documents_preview"),
    ]


@require_safe
def queue_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Open the oldest that nobody is at; phones show the list of all first."""
    user = _reader(request)
    line = Line.of(user)
    oldest = line.free_for(user).select_related(*RELATED).first()
    oldest = oldest or line.rows.select_related(*RELATED).first()
    if oldest is None:
        return _answer(request, site, {})
    rows = line.rows.select_related("customer")[:MOST_ROWS]
    listed = [row_of(row) for row in rows]
    return _answer(request, site, _case(request, line, oldest) | {"rows": listed})


@require_safe
def case_page(request: HttpRequest, site: AdminSite, document_id: UUID) -> HttpResponse:
    user = _reader(request)
    document = _document(user, document_id)
    return _answer(request, site, _case(request, Line.of(user), document))


@require_POST
def take(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Say that one is at this document; a colleague who is at it is named."""
    require(request, "documents.review_document")
    user = _reader(request)
    document = _document(user, document_id)
    if not Line.of(user).rows.filter(pk=document.pk).exists():
        messages.warning(request, f"{document.title} does not wait for review.")
    else:
        held = claim(ClaimKind.DOCUMENT_REVIEW, document.pk, by=user)
        if held.by_id != user.pk:
            messages.warning(request, f"{held.by} is at this document already.")
    return _onward(document)


@require_POST
def take_next(request: HttpRequest) -> HttpResponse:
    """Claim the oldest that nobody is at, and open it."""
    require(request, "documents.review_document")
    user = _reader(request)
    found = Line.of(user).take_next(user)
    if found is None:
        messages.warning(request, "No document is left that nobody is at.")
    return _onward(found)


@require_POST
def decide(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Accept or reject, then open the next; who was too late reads who was faster."""
    require(request, "documents.review_document")
    user: User = request.user  # type: ignore[assignment]
    document = _document(user, document_id)
    reason = request.POST.get("reason", "")
    try:
        is_new = _decide(document, request.POST.get("decision", ""), reason, user)
    except DomainError as error:
        document = _document(user, document_id)
        if document.review == Review.PENDING:
            messages.error(request, error.message)
            return _back(document, reason)
        is_new = False
    document = _document(user, document_id)
    about = f"{document.title}, {document.customer}"
    if is_new:
        word = "Accepted" if document.review == Review.ACCEPTED else "Rejected"
        messages.success(request, f"{word}: {about}.")
    else:
        said = f"{verdict_of(document)} Your answer changed nothing: {about}."
        messages.warning(request, said)
    end_claim(ClaimKind.DOCUMENT_REVIEW, document.pk, by=user)
    line = Line.of(user)
    return _onward(line.take_next(user, behind=document) or line.after(document))


def _decide(document: Document, decision: str, reason: str, user: User) -> bool:
    if decision == "accept":
        return accept_document(document.pk, by=user)
    if decision != "reject":
        raise DomainError("Choose whether to accept or to reject.")
    if reason not in REASONS:
        raise DomainError("Choose a reason to reject.", field="reason")
    return reject_document(document.pk, reason=RejectReason(reason), by=user)


def _back(document: Document, reason: str) -> HttpResponse:
    """To the same document, with what was chosen."""
    place = reverse("admin:documents_review_one", args=[document.pk])
    kept = f"?{urlencode({'reason': reason})}" if reason in REASONS else ""
    return HttpResponseRedirect(f"{place}{kept}")


def _onward(following: Document | None) -> HttpResponse:
    if following is None:
        return HttpResponseRedirect(reverse("admin:documents_review"))
    place = reverse("admin:documents_review_one", args=[following.pk])
    return HttpResponseRedirect(place)


def _reader(request: HttpRequest) -> User:
    require(request, "documents.view_document")
    require(request, "documents.download_document")
    return request.user  # type: ignore[return-value]


def _document(user: User, document_id: UUID) -> Document:
    rows = Document.objects.for_user(user).select_related(*RELATED)
    document: Document | None = rows.filter(pk=document_id).first()
    if document is None:
        raise Http404
    return document


def _case(request: HttpRequest, line: Line, document: Document) -> dict[str, Any]:
    user: User = request.user  # type: ignore[assignment]
    case = Case(document, user, request.GET.get("reason", ""))
    is_waiting = line.rows.filter(pk=document.pk).exists()
    before = line.before(document) if is_waiting else None
    behind = line.behind(document) if is_waiting else None
    following = line.following(document, user)
    return {
        "case": case,
        "document": document,
        "place": line.place(document) if is_waiting else 0,
        "total": line.rows.count(),
        "before_url": _address(before),
        "behind_url": _address(behind),
        "next_url": _address(following),
        "then_opens": then_opens(following),
        "at_it": who_is_at(document, user) if is_waiting else None,
        "decide_url": reverse("admin:documents_decide", args=[document.pk]),
        "preview_url": reverse("admin:documents_preview", args=[document.pk]),
    }


def _address(document: Document | None) -> str:
    if document is None:
        return ""
    return reverse("admin:documents_review_one", args=[document.pk])


def _answer(
    request: HttpRequest, site: AdminSite, context: dict[str, Any]
) -> HttpResponse:
    # A crumb below the customers: every document is one customer's.
    request.crumb = TITLE  # type: ignore[attr-defined]
    shell = {**site.each_context(request), "title": TITLE, "opts": Customer._meta}  # noqa: SLF001
    return TemplateResponse(request, "documents/review.html", shell | context)
