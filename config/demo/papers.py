"""Papers that demo customers bring, drawn when they are brought."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from uuid import UUID, uuid5

from django.core.files.uploadedfile import SimpleUploadedFile
from fpdf import FPDF

from common.face import day
from customers.registry.models import Customer
from documents.choices import IdType, Kind, RejectReason
from documents.models import Document
from documents.services import Paper, accept_document, reject_document
from documents.uploads import upload_document
from tenants.models import User

ACCEPTED = "accepted"


@dataclass(frozen=True, kw_only=True)
class DemoPaper:
    """`review` is "", ACCEPTED or a RejectReason; days count from today."""

    kind: Kind
    file_name: str
    heading: str
    issued_days: int
    expires_days: int | None = None
    id_type: IdType | str = ""
    review: str = ""


def bring(
    paper: DemoPaper, customer: Customer, *, clerk: User, officer: User
) -> Document:
    """Upload it as the clerk, and review it as the officer where the story says so."""
    issued_on = customer.tenant.today + timedelta(days=paper.issued_days)
    expires_on = None
    if paper.expires_days is not None:
        expires_on = customer.tenant.today + timedelta(days=paper.expires_days)
    asked = Paper(
        id=uuid5(UUID(str(customer.pk)), paper.file_name),
        kind=paper.kind,
        id_type=str(paper.id_type),
        issued_on=issued_on,
        expires_on=expires_on,
    )
    content = draw(paper, customer, issued_on)
    file = SimpleUploadedFile(paper.file_name, content, "application/pdf")
    document = upload_document(customer.pk, asked, file, by=clerk)
    if document.review == "pending" and paper.review == ACCEPTED:
        accept_document(document.pk, by=officer)
    elif document.review == "pending" and paper.review:
        reason = RejectReason(paper.review)
        reject_document(document.pk, reason=reason, by=officer)
    return document


def draw(paper: DemoPaper, customer: Customer, issued_on: date) -> bytes:
    """One page with what such a paper says; plainly a specimen."""
    page = FPDF(format="A4")
    page.add_page()
    page.set_margins(30, 30)
    page.set_y(30)
    page.set_font("times", size=20)
    page.cell(0, 10, _plain(paper.heading), new_x="LMARGIN", new_y="NEXT")
    page.set_font("times", size=11)
    page.cell(0, 8, "Specimen of the demo bank", new_x="LMARGIN", new_y="NEXT")
    page.line(30, 55, 180, 55)
    page.set_y(62)
    for label, value in {"Name": customer.name, **_details(customer.details)}.items():
        page.set_text_color(110)
        page.cell(55, 9, _plain(label))
        page.set_text_color(0)
        page.cell(0, 9, _plain(value), new_x="LMARGIN", new_y="NEXT")
    page.ln(6)
    page.cell(0, 9, f"Issued {day(issued_on)}. Valid without signature.")
    out = BytesIO()
    page.output(out)
    return out.getvalue()


def _details(details: Mapping[str, str]) -> dict[str, str]:
    return {key.replace("_", " ").capitalize(): value for key, value in details.items()}


def _plain(text: str) -> str:
    """What the fonts that every reader has can show."""
    return text.encode("latin-1", "replace").decode("latin-1")
