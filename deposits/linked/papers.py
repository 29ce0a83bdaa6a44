"""Which documents can prove that an account elsewhere is the customer's."""

from customers.registry.models import Customer
from documents.choices import Kind
from documents.models import Document, DocumentQuerySet

# They show who somebody is; no passport has the number of an account.
PROVE_NO_ACCOUNT = (Kind.ID,)


def proofs_of(customer: Customer) -> DocumentQuerySet:
    """The customer's accepted papers on which an account may stand."""
    mine = Document.objects.evidence(customer.tenant.today).filter(customer=customer)
    return mine.exclude(kind__in=PROVE_NO_ACCOUNT)
