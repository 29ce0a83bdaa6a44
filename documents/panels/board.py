"""The panel, the list of what is missing, the button, and who waits for us."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from common.lists.rows import Row, Verb
from common.memory import asked_once
from customers.registry import customer_page
from customers.registry.customer_page import Deed, MissingItem, Panel, PanelView
from customers.registry.models import LIVING, Customer, KycStatus
from documents.checklist import Line, Standing, checklist, standing_of
from documents.choices import Kind, Review, Scan, Status
from documents.models import Document
from documents.panels.labels import document_label, document_note
from documents.panels.rows import (
    MISSING,
    WANTED,
    document_row,
    line_row,
    may_add,
    same_files,
    upload_url,
    verbs_of,
)
from tenants.models import User

# The newest of a customer that are looked at, and those shown besides the list.
READ, SHOWN = 200, 6
OUR_TURN = ("Review", "Try again")  # what brings a waiting document on


@asked_once
def documents_of(customer: Customer) -> list[Document]:
    """The newest first; those whose bytes were deleted are left to the list."""
    rows = Document.objects.filter(customer=customer).exclude(status=Status.DELETED)
    return list(rows.order_by("-uploaded_at", "-id")[:READ])


def build_documents(customer: Customer, user: User) -> PanelView:
    """First what is asked for, then the other documents, the newest first."""
    documents, today = documents_of(customer), customer.tenant.today
    lines = checklist(customer, documents)
    listed = [line.document for line in lines if line.document]
    others = [d for d in documents if d not in listed]
    same = same_files(listed + others[:SHOWN])
    rows = [line_row(line, customer, user, same) for line in lines]
    rest = [document_row(d, today, user, same) for d in others[:SHOWN]]
    may = may_add(customer, user)
    return PanelView(
        note=f"{sum(line.is_done for line in lines)} of {len(lines)}" if lines else "",
        verb="Add documents" if may else "",
        url=upload_url(customer) if may else "",
        template="documents/_panel.html" if rows or rest else "",
        context=_context(customer, rows, rest, len(documents)),
        empty_fact="No documents yet.",
        empty_advice="Nothing is asked for; Add documents files what came in."
        if may
        else "",
        is_troubled=is_troubled(documents, today),
    )


def _context(
    customer: Customer, rows: list[Row], rest: list[Row], total: int
) -> dict[str, Any]:
    place = reverse("admin:documents_document_changelist")
    return {
        "asked": rows,
        "others": rest,
        "total": total,
        "all_url": f"{place}?{urlencode({'q': customer.public_id})}" if total else "",
    }


def is_troubled(documents: list[Document], today: date) -> bool:
    """Not stored, infected, or nothing better than a rejected or expired one."""
    alive = [d for d in documents if d.status != Status.ARCHIVED]
    if any(d.status == Status.FAILED or d.scan == Scan.INFECTED for d in alive):
        return True
    standings: dict[str, set[Standing]] = {}
    for document in alive:
        if standing := standing_of(document, today):
            standings.setdefault(document.kind, set()).add(standing)
    bad = {Standing.REJECTED, Standing.EXPIRED}
    return any(found <= bad for found in standings.values())


def documents_for_kyc(customer: Customer, user: User) -> Iterator[MissingItem]:
    """Name what KYC still wants; of the verified, only what runs out."""
    if customer.status not in LIVING:
        return
    documents = documents_of(customer)
    for line in checklist(customer, documents):
        if "KYC" in line.purposes and _is_wanted(line, customer):
            yield _missing(line, customer, user, documents)


def _is_wanted(line: Line, customer: Customer) -> bool:
    if customer.kyc_status != KycStatus.VERIFIED:
        return line.standing in (*WANTED, Standing.WAITING)
    was_accepted = line.document is not None and line.document.review == Review.ACCEPTED
    return was_accepted and line.standing in (Standing.EXPIRED, Standing.EXPIRING)


def _missing(
    line: Line, customer: Customer, user: User, documents: list[Document]
) -> MissingItem:
    today = customer.tenant.today
    label, note = MISSING, ""
    if line.document:
        label = document_label(line.document, today)
        note = document_note(line.document, today)
    is_coming = any(
        d.kind == line.kind and standing_of(d, today) == Standing.WAITING
        for d in documents
    )
    if is_coming and line.standing != Standing.WAITING:
        note = f"{note}; a newer one waits for review"
    verb = _verb(line, customer, user, is_coming=is_coming)
    return MissingItem(
        title=str(Kind(line.kind).label),
        label=label,
        note=note,
        verb=verb.title if verb else "",
        url=verb.url if verb else "",
        is_dialog=bool(verb and verb.is_dialog),
    )


def _verb(
    line: Line, customer: Customer, user: User, *, is_coming: bool
) -> Verb | None:
    if line.document and line.standing == Standing.WAITING:
        able = (v for v in verbs_of(line.document, user) if v.title in OUR_TURN)
        return next(able, None)
    if is_coming or not may_add(customer, user):
        return None
    return Verb("Add", upload_url(customer, line.kind), is_dialog=False)


def offer_upload(customer: Customer, user: User) -> Iterator[Deed]:
    if may_add(customer, user):
        yield Deed(
            title="Add documents",
            url=upload_url(customer),
            is_dialog=False,
            order=40,
            icon="upload_file",
        )


def waiting_for_review(customers: list[Customer], user: User) -> dict[Any, str]:
    """Say in the list of customers whose documents nobody has looked at."""
    if not user.has_perm("documents.view_document"):
        return {}
    waiting = Document.objects.filter(customer__in=customers).awaiting_review()
    owners = waiting.order_by().values_list("customer_id", flat=True).distinct()
    return dict.fromkeys(owners, "Document review")


def pin_panels() -> None:
    """Put this app's parts on the customer page, once at start-up."""
    customer_page.pin(
        Panel(
            key="documents",
            title="Documents",
            permission="documents.view_document",
            order=30,
            build=build_documents,
        )
    )
    customer_page.needs(documents_for_kyc)
    customer_page.deeds(offer_upload)
    customer_page.waits(waiting_for_review)
