"""The rows of the panel: what is asked for, what else there is, what can be done."""

from datetime import date
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from common.errors import DomainError
from common.face import Label
from common.lists.rows import Row, Verb
from customers.registry.models import Customer
from documents.checklist import Line, Standing
from documents.choices import Kind, Review, Status
from documents.models import Document
from documents.panels.labels import document_label, document_note, file_words
from documents.services import refuse_review
from tenants.models import User

# Sharers of the shown files that are read at most; the label names one.
MOST_SHARERS = 200
MISSING = Label("Missing", "quiet")
SHOWN_VERBS = ("Review", "Open", "Try again")  # the others sit in the row's menu
# Where a fresh document is wanted.
WANTED = (Standing.MISSING, Standing.REJECTED, Standing.EXPIRED, Standing.EXPIRING)


def page_url(document: Document, page: str = "change") -> str:
    return reverse(f"admin:documents_document_{page}", args=[document.pk])


def upload_url(customer: Customer, kind: str = "") -> str:
    place = reverse("admin:documents_upload", args=[customer.pk])
    return f"{place}?{urlencode({'kind': kind})}" if kind else place


def may_add(customer: Customer, user: User) -> bool:
    """Whether to offer it; the command decides again."""
    return customer.status != "archived" and user.has_perm("documents.upload_document")


def may_review(document: Document, user: User) -> bool:
    """Whether to offer it; the command decides again."""
    if not user.has_perm("documents.review_document"):
        return False
    try:
        refuse_review(document, user)
    except DomainError:
        return False
    return document.review == Review.PENDING


def line_row(line: Line, customer: Customer, user: User, same: dict[Any, Label]) -> Row:
    """A kind that is asked for, with its best document or the way to add one."""
    purposes = f"For {', '.join(line.purposes)}"
    add = None
    if line.standing in WANTED and may_add(customer, user):
        add = Verb("Add", upload_url(customer, line.kind), is_dialog=False)
    if line.document is None:
        return Row(MISSING, str(Kind(line.kind).label), purposes, "missing", verb=add)
    row = document_row(line.document, customer.tenant.today, user, same)
    row.meta = f"{purposes}. {row.meta}"
    if add:
        row.menu = [*([row.verb] if row.verb else []), *row.menu]
        row.verb = add
    return row


def document_row(
    document: Document, today: date, user: User, same: dict[Any, Label]
) -> Row:
    verbs = verbs_of(document, user)
    first = verbs[0] if verbs and verbs[0].title in SHOWN_VERBS else None
    return Row(
        icon=document_label(document, today),
        title=document.title,
        meta=file_words(document),
        note=document_note(document, today),
        url=page_url(document),
        same=same.get(document.pk),
        verb=first,
        menu=verbs[1:] if first else verbs,
    )


def verbs_of(document: Document, user: User) -> list[Verb]:
    """What this person may do with it now, the likeliest first."""
    verbs = []
    if may_review(document, user):
        url = reverse("admin:documents_review_one", args=[document.pk])
        verbs.append(Verb("Review", url, is_dialog=False))
    if document.is_readable and user.has_perm("documents.download_document"):
        url = page_url(document, "download")
        verbs.append(Verb("Open", url, is_dialog=False))
    if document.status == Status.FAILED and user.has_perm("documents.upload_document"):
        verbs.append(Verb("Try again", page_url(document, "again")))
    if user.has_perm("documents.archive_document"):
        if document.status == Status.ACTIVE:
            verbs.append(Verb("Archive", page_url(document, "archive")))
        if document.status in (Status.ACTIVE, Status.ARCHIVED, Status.FAILED):
            url = page_url(document, "remove")
            verbs.append(Verb("Delete", url, is_danger=True))
    return verbs


def same_files(documents: list[Document]) -> dict[Any, Label]:
    """Who else has the very same bytes, by document; one query for all of them.

    Of another customer the number alone is told.
    """
    if not documents:
        return {}
    sharers = reduce(or_, [Document.objects.same_file_as(d) for d in documents])
    rows = sharers.order_by("uploaded_at", "pk").values_list(
        "sha256", "pk", "customer_id", "customer__public_id"
    )
    found = list(rows[:MOST_SHARERS])
    words = {
        document.pk: _sharers_words(
            document,
            [row[2:] for row in found if row[0] == document.sha256
             and row[1] != document.pk],
        )
        for document in documents
    }  # fmt: skip
    return {pk: Label(said, "warn") for pk, said in words.items() if said}


def _sharers_words(document: Document, sharers: list[Any]) -> str:
    numbers = {number for owner, number in sharers if owner != document.customer_id}
    if numbers:
        more = f" and {len(numbers) - 1} more" if len(numbers) > 1 else ""
        return f"Same file as {min(numbers)}{more}"
    return "Same file sent twice" if sharers else ""
