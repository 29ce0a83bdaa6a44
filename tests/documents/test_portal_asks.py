"""What the portal asks of a customer: what is wanted, never what is suspected."""

from datetime import timedelta
from typing import Any

import pytest

from customers.registry.models import Customer
from documents.choices import Kind, RejectReason, Review, Scan
from documents.models import Document
from documents.services import accept_document, reject_document
from onboarding.portal.pages import documents_asked
from tenants.models import User
from tests.documents.conftest import SendDocument
from tests.documents.files import pdf


def notes(customer: Customer) -> dict[str, str]:
    """Give the note at each document asked for, by how its words begin."""
    return {
        line.words.partition(":")[0]: line.note for line in documents_asked(customer)
    }


def test_what_is_in_our_hands_is_not_asked_for(
    customer: Customer, send: SendDocument, officer: User
) -> None:
    assert list(notes(customer)) == [
        "Identity document", "Proof of address", "Proof of income",
    ]  # fmt: skip
    assert [line.is_for_more for line in documents_asked(customer)] == [
        False, False, True,
    ]  # fmt: skip
    passport = send()
    assert "Identity document" not in notes(customer)
    accept_document(passport.pk, by=officer)
    assert "Identity document" not in notes(customer)


def test_what_runs_out_is_asked_for_again(
    customer: Customer, send: SendDocument, officer: User
) -> None:
    soon = customer.tenant.today + timedelta(days=9)
    passport = send(expires_on=soon)
    accept_document(passport.pk, by=officer)
    assert notes(customer)["Identity document"].startswith("The one we have expires on")
    Document.objects.update(expires_on="2020-01-31")
    said = notes(customer)["Identity document"]
    assert said == "The one we have expired on 31 Jan 2020."


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (RejectReason.PAGES_MISSING, "Pages were missing."),
        (RejectReason.EXPIRED, "had expired or was too old"),
        (RejectReason.UNREADABLE, "We could not use the file"),
        (RejectReason.LOOKS_ALTERED, "We could not use the file"),
        (RejectReason.NOT_THIS_CUSTOMER, "We could not use the file"),
    ],
)
def test_a_refusal_in_words_for_customers(
    customer: Customer, send: SendDocument, officer: User,
    reason: RejectReason, words: str,
) -> None:  # fmt: skip
    bill = send(pdf("bill"), kind=Kind.ADDRESS_PROOF)
    reject_document(bill.pk, reason=reason, by=officer)
    assert words in notes(customer)["Proof of address"]


@pytest.mark.parametrize(
    "change",
    [
        {"review": Review.REJECTED, "review_reason": RejectReason.MALWARE},
        {"review": Review.ACCEPTED},
    ],
)
def test_malware_reads_like_an_unreadable_file(
    customer: Customer, send: SendDocument, change: dict[str, Any]
) -> None:
    send()
    Document.objects.update(scan=Scan.INFECTED, **change)
    said = notes(customer)["Identity document"]
    assert said.startswith("We could not use the file")
    assert "alware" not in said
