"""File what an applicant showed to Sumsub as documents of the customer."""

import hashlib
import logging
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import IO
from uuid import UUID

from django.db import transaction

from common.errors import DomainError
from customers.registry.models import Customer
from customers.registry.models import Status as Relationship
from documents.choices import IdType, Kind, Review, Scan, Source, Status
from documents.models import Document
from documents.receiving import MAX_FILE_BYTES
from documents.services import Paper, accept_document
from documents.uploads import keep_file, store_file
from events.events import GiveUpError, RetryLaterError
from events.models import RecordedEvent
from events.services import publish
from kyc.events import ImageNotFiled
from kyc.models import Applicant
from kyc.sumsub.client import SumsubClient, get_sumsub
from kyc.sumsub.errors import (
    SumsubError,
    SumsubNotFound,
    SumsubRefused,
    SumsubTooLarge,
    SumsubUnreadable,
    SumsubWrongType,
)
from kyc.sumsub.types import ApplicantImage, ApplicantState, IdDocument
from tenants.services import get_machine

log = logging.getLogger(__name__)

GREEN, RED = "GREEN", "RED"
# Sumsub's words for what a document is; of a company's, the sort decides.
_KINDS: dict[str, tuple[Kind, str]] = {
    "PASSPORT": (Kind.ID, IdType.PASSPORT),
    "ID_CARD": (Kind.ID, IdType.NATIONAL_ID),
    "DRIVERS": (Kind.ID, IdType.DRIVERS_LICENSE),
    "RESIDENCE_PERMIT": (Kind.ID, ""),
    "UTILITY_BILL": (Kind.ADDRESS_PROOF, ""),
    "INCOME_SOURCE": (Kind.INCOME_PROOF, ""),
    "STATE_REGISTRY": (Kind.BUSINESS_REGISTRATION, ""),
    "INCORPORATION_CERT": (Kind.BUSINESS_REGISTRATION, ""),
    "TRUST_AGREEMENT": (Kind.TRUST_DEED, ""),
    "PROOF_OF_ADDRESS": (Kind.ADDRESS_PROOF, ""),
}
# Names end as the bytes begin; what is none of these is named without an ending.
_ENDINGS = (
    (b"%PDF-", ".pdf"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"\x89PNG\r\n\x1a\n", ".png"),
)
# One image, not Sumsub, is the trouble: asking again cannot help.
_HOPELESS: tuple[tuple[type[SumsubError], str], ...] = (
    (SumsubTooLarge, "FILE_TOO_LARGE"),
    (SumsubWrongType, "WRONG_TYPE"),
    (SumsubUnreadable, "EMPTY"),
)
SCANNER_SECONDS = 30.0  # until we look again whether a file may be accepted


@dataclass
class _Filing:
    """One applicant's images on their way into the file of one customer."""

    client: SumsubClient
    customer: Customer
    state: ApplicantState
    known: dict[str, Document] = field(default_factory=dict)
    withheld: int = 0  # images listed, yet not handed out: it may be our token


def file_images(attempt_id: UUID | str) -> None:
    """Fetch and file the images of an approved attempt; harmless to run twice.

    What Sumsub found good is accepted as evidence. Raises SumsubError while Sumsub
    does not answer, RetryLaterError while a file cannot be accepted yet, GiveUpError
    where Sumsub withholds something.
    """
    attempt = Applicant.objects.select_related("customer__tenant").get(pk=attempt_id)
    customer = attempt.customer
    is_gone = customer.status == Relationship.ARCHIVED
    if attempt.status != Applicant.Status.APPROVED or is_gone:
        return
    client = get_sumsub()
    try:
        state = client.applicant(attempt.applicant_id)
        images = client.images(attempt.applicant_id)
    except (SumsubNotFound, SumsubRefused) as error:
        raise GiveUpError(str(error)) from error
    counting = [i for i in images if not i.is_deactivated and i.answer != RED]
    filing = _Filing(client, customer, state, _filed(customer, counting))
    for image in counting:
        _file(filing, image)
    green = [filing.known.get(i.image_id) for i in counting if i.answer == GREEN]
    if [document for document in green if not _accept(document)]:
        raise RetryLaterError(
            "A file waits for the store or the malware scanner.",
            seconds=SCANNER_SECONDS,
        )
    if filing.withheld:
        raise GiveUpError(f"Sumsub did not hand out {filing.withheld} of the images.")


def _filed(customer: Customer, images: list[ApplicantImage]) -> dict[str, Document]:
    ids = [image.image_id for image in images]
    rows = Document.objects.filter(customer=customer, provider_id__in=ids)
    return {row.provider_id: row for row in rows}


def _file(filing: _Filing, image: ApplicantImage) -> None:
    known = filing.known.get(image.image_id)
    if known and not _lacks_bytes(known):
        return
    if not known and _is_noted(filing.customer, image):
        return
    try:
        document = _fetch_and_keep(filing, image)
    except DomainError as error:
        _note(filing.customer, image, error.code)
    except (SumsubNotFound, SumsubRefused):
        filing.withheld += 1
    except SumsubError as error:
        why = next((code for kind, code in _HOPELESS if isinstance(error, kind)), "")
        if not why:
            raise
        _note(filing.customer, image, why)
    else:
        filing.known[image.image_id] = document


def _lacks_bytes(document: Document) -> bool:
    """Whoever filed it died before the store, or the table, had its bytes."""
    if document.status not in (Status.NEW, Status.FAILED):
        return False
    return not document.held_chunks.exists()


def _fetch_and_keep(filing: _Filing, image: ApplicantImage) -> Document:
    with TemporaryFile() as file:
        sha256 = _fetch(filing, image, file)
        document = keep_file(
            filing.customer.pk,
            _paper(filing, image),
            file,
            name=_name(image, file),
            sha256=sha256,
            by=get_machine("documents"),
        )
        if _lacks_bytes(document) and document.sha256 == sha256:
            store_file(document, file, by=get_machine("documents"))
            document.refresh_from_db()
    return document


def _fetch(filing: _Filing, image: ApplicantImage, file: IO[bytes]) -> str:
    """Write the bytes as they come, never all of them in memory; their SHA-256."""
    digest = hashlib.sha256()
    with filing.client.image(
        filing.state.inspection_id, image.image_id, limit_bytes=MAX_FILE_BYTES
    ) as stream:
        for chunk in stream:
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _paper(filing: _Filing, image: ApplicantImage) -> Paper:
    kind, id_type = kind_of(image)
    read = _read_by_sumsub(filing, image) if kind == Kind.ID else IdDocument()
    return Paper(
        kind=kind,
        id_type=id_type,
        issued_on=read.issued_on,
        expires_on=read.valid_until,
        source=Source.APPLICANT,
        provider_id=image.image_id,
    )


def kind_of(image: ApplicantImage) -> tuple[Kind, str]:
    """What it is in our words; what Sumsub calls otherwise is an other document."""
    is_company = image.document_type == "COMPANY_DOC"
    word = image.side if is_company else image.document_type
    return _KINDS.get(word, (Kind.OTHER, ""))


def _read_by_sumsub(filing: _Filing, image: ApplicantImage) -> IdDocument:
    """Its dates, unless it is unclear whose they are or they contradict each other."""
    person = filing.state.person
    read = [
        document
        for document in (person.documents if person else ())
        if document.document_type == image.document_type
    ]
    if len(read) != 1:
        return IdDocument()
    issued_on, until = read[0].issued_on, read[0].valid_until
    if issued_on and issued_on > filing.customer.tenant.today:
        return IdDocument()
    if issued_on and until and until <= issued_on:
        return IdDocument()
    return read[0]


def _name(image: ApplicantImage, file: IO[bytes]) -> str:
    """Name it for what it is, “passport-front.jpg”; never as the applicant did."""
    side = image.side.removesuffix("_SIDE")
    words = f"{image.document_type}-{side}" if side else image.document_type
    file.seek(0)
    start = file.read(16)
    ending = next((ending for begun, ending in _ENDINGS if start.startswith(begun)), "")
    return f"{words.lower().replace('_', '-') or 'document'}{ending}"


@transaction.atomic
def _note(customer: Customer, image: ApplicantImage, why: str) -> None:
    """Say once that an image is not in the file; the code says why, no name does."""
    log.warning("Image %s of Sumsub not filed: %s", image.image_id, why)
    Customer.objects.select_for_update().get(pk=customer.pk)
    if _is_noted(customer, image):
        return
    event = ImageNotFiled(
        customer_id=str(customer.pk), image_id=image.image_id, why=why
    )
    publish(event, by=get_machine("sumsub"), tenant_id=customer.tenant_id)


def _is_noted(customer: Customer, image: ApplicantImage) -> bool:
    notes = RecordedEvent.objects.filter(
        subject_id=str(customer.pk), type=ImageNotFiled.__name__
    )
    return bool(notes.filter(payload__image_id=image.image_id).exists())


def _accept(document: Document | None) -> bool:
    """Take as evidence what Sumsub found good; False while that cannot be done yet."""
    if document is None or document.review != Review.PENDING:
        return True
    if document.status in (Status.ARCHIVED, Status.DELETED):
        return True
    if document.status != Status.ACTIVE or document.scan == Scan.WAITING:
        return False
    try:
        accept_document(document.pk, by=get_machine("sumsub"))
    except DomainError as error:
        # E.g. it has expired: a person decides at the review desk.
        log.info("Document %s not accepted: %s", document.pk, error.code)
    return True
