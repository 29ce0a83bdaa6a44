"""What the tests of linked accounts share: numbers, requests, proofs."""

from decimal import Decimal
from typing import Any

from customers.registry.models import Customer
from deposits.linked.proving import ShownAmount, confirm_test_amount, send_test_amount
from deposits.linked.services import LinkRequest, link_account, verify_by_document
from deposits.models import LinkedAccount
from documents.choices import Kind
from documents.models import Document
from documents.services import Paper, accept_document
from documents.uploads import upload_document
from tenants.models import User
from tests.documents.files import pdf, upload

IBAN = "GB82WEST12345698765432"
OTHER_IBAN = "DE89370400440532013000"


def a_link(customer: Customer, **said: Any) -> LinkRequest:
    """A request that is fine as it stands, in the customer's own name."""
    asked: dict[str, Any] = {
        "kind": "bank",
        "institution": "West Bank",
        "holder_name": customer.name,
        "number": IBAN,
        # An IBAN says itself in which country it is.
        "country": "" if said.get("number", IBAN) in (IBAN, OTHER_IBAN) else "GBR",
        **said,
    }
    return LinkRequest(**asked)


def linked(customer: Customer, by: User, **said: Any) -> LinkedAccount:
    return link_account(customer.pk, a_link(customer, **said), by=by)


def accepted_proof(customer: Customer, by: User, officer: User) -> Document:
    """A statement that `by` uploaded and `officer` accepted."""
    paper = Paper(kind=Kind.ADDRESS_PROOF)
    file = upload(pdf("Statement"), "statement.pdf")
    document = upload_document(customer.pk, paper, file, by=by)
    accept_document(document.pk, by=officer)
    document.refresh_from_db()
    return document


def by_paper(row: LinkedAccount, proof: Document, by: User) -> bool:
    return verify_by_document(row.pk, document_id=proof.pk, shows_both=True, by=by)


def verified(
    customer: Customer, clerk: User, officer: User, **said: Any
) -> LinkedAccount:
    """Linked by the clerk, verified by the officer with a statement."""
    row = linked(customer, clerk, **said)
    proof = accepted_proof(customer, clerk, officer)
    by_paper(row, proof, officer)
    row.refresh_from_db()
    return row


def sent(row: LinkedAccount, by: User) -> ShownAmount:
    return send_test_amount(row.pk, by=by)


def wrong(shown: ShownAmount) -> Decimal:
    """Another amount than the one that was sent."""
    return shown.amount + Decimal("0.01")


def confirmed(row: LinkedAccount, amount: Decimal, by: User) -> bool:
    return confirm_test_amount(row.pk, amount=amount, by=by)
