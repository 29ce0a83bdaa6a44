"""How documents that a tier needs are brought: the verb on the tier panel."""

from customers.registry.models import Customer
from customers.tiers.models import EvidenceKind
from customers.tiers.ways import Way, way_to
from documents.choices import Kind
from documents.panels.rows import may_add, upload_url
from tenants.models import User

BROUGHT_BY = {
    EvidenceKind.ID_DOCUMENT: Kind.ID,
    EvidenceKind.ADDRESS_DOCUMENT: Kind.ADDRESS_PROOF,
    EvidenceKind.INCOME_PROOF: Kind.INCOME_PROOF,
    EvidenceKind.BUSINESS_REGISTRATION: Kind.BUSINESS_REGISTRATION,
}


@way_to(*BROUGHT_BY)
def add_document(customer: Customer, kind: EvidenceKind, user: User) -> Way:
    """Lead to the upload page with the kind chosen."""
    if not may_add(customer, user):
        return Way()
    return Way("Add", upload_url(customer, BROUGHT_BY[kind].value))
