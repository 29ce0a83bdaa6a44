"""Which documents a customer must have, and where each of them stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from customers.registry.choices import EntityType
from customers.registry.models import Customer
from documents.choices import Kind, Review, Scan, Status
from documents.models import Document
from tenants.packs.loader import load_packs

# What the next tier asks for (domain §8), by who the customer is.
PERSONS_TIERS = (
    (2, (Kind.ID, Kind.ADDRESS_PROOF)),
    (3, (Kind.INCOME_PROOF,)),
)
COMPANIES_TIERS = ((4, (Kind.BUSINESS_REGISTRATION,)),)
# Days before its end from which a fresh document is asked for.
ASK_AGAIN_DAYS = 30


class Standing(StrEnum):
    """From best to worst; a kind stands where its best document stands."""

    HAS = "has"
    EXPIRING = "expiring"
    WAITING = "waiting"
    EXPIRED = "expired"
    REJECTED = "rejected"
    MISSING = "missing"


_ORDER = list(Standing)


@dataclass(frozen=True)
class Line:
    """One kind of document: what for, where it stands, and by which document."""

    kind: Kind
    purposes: tuple[str, ...]
    standing: Standing
    document: Document | None = None

    @property
    def is_done(self) -> bool:
        return self.standing in (Standing.HAS, Standing.EXPIRING)


def required_kinds(customer: Customer) -> dict[Kind, tuple[str, ...]]:
    """The kinds asked for and what for: the pack's for KYC, then those of each tier."""
    asked: dict[Kind, list[str]] = {}
    forms = load_packs()[customer.tenant.pack].entity_types
    if form := forms.get(customer.entity_type):
        for kind in form.documents:
            asked.setdefault(Kind(kind), []).append("KYC")
    is_person = customer.entity_type == EntityType.INDIVIDUAL
    for tier, kinds in PERSONS_TIERS if is_person else COMPANIES_TIERS:
        for tier_kind in kinds:
            asked.setdefault(tier_kind, []).append(f"tier {tier}")
    return {kind: tuple(purposes) for kind, purposes in asked.items()}


def checklist(
    customer: Customer, documents: Iterable[Document] | None = None
) -> list[Line]:
    """One line for each kind asked for; `documents` saves the query where known."""
    if documents is None:
        documents = Document.objects.filter(customer=customer).order_by("-uploaded_at")
    found, today = list(documents), customer.tenant.today
    return [
        Line(kind, purposes, *_best(kind, found, today))
        for kind, purposes in required_kinds(customer).items()
    ]


def is_complete_for_kyc(customer: Customer) -> bool:
    """Whether everything the pack asks for KYC is accepted and in force."""
    lines = checklist(customer)
    return all(line.is_done for line in lines if "KYC" in line.purposes)


def _best(
    kind: Kind, documents: list[Document], today: date
) -> tuple[Standing, Document | None]:
    of_kind = [d for d in documents if d.kind == kind and standing_of(d, today)]
    if not of_kind:
        return Standing.MISSING, None
    best = min(of_kind, key=lambda d: _ORDER.index(_sure(d, today)))
    return _sure(best, today), best


def _sure(document: Document, today: date) -> Standing:
    return standing_of(document, today) or Standing.MISSING


def standing_of(document: Document, today: date) -> Standing | None:
    """Where one document stands; None when it counts for nothing any more."""
    if document.status in (Status.ARCHIVED, Status.DELETED):
        return None
    if document.review == Review.REJECTED or document.scan == Scan.INFECTED:
        return Standing.REJECTED
    if document.is_expired(today):
        return Standing.EXPIRED
    if document.review == Review.PENDING or document.status != Status.ACTIVE:
        return Standing.WAITING
    left = (document.expires_on - today).days if document.expires_on else None
    is_ending = left is not None and left <= ASK_AGAIN_DAYS
    return Standing.EXPIRING if is_ending else Standing.HAS
