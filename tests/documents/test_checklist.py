"""Which documents are asked for, and where each stands."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from customers.registry.choices import SuspensionReason
from customers.registry.models import Customer
from customers.registry.services import suspend_customer
from documents.checklist import (
    ASK_AGAIN_DAYS,
    Standing,
    checklist,
    is_complete_for_kyc,
    required_kinds,
)
from documents.choices import Kind, RejectReason
from documents.expiry import sweep_documents
from documents.models import Document
from documents.services import accept_document, archive_document, reject_document
from events.models import Delivery, RecordedEvent
from tenants.models import Tenant, User
from tests.conftest import COMPANY_DETAILS, Deliver, MakeCustomer
from tests.contacts.proving import prove
from tests.documents.conftest import SendDocument
from tests.documents.files import pdf

Stand = Callable[[], dict[str, str]]


@pytest.fixture
def stand(customer: Customer) -> Stand:
    return lambda: {str(x.kind): str(x.standing) for x in checklist(customer)}


def test_a_person_is_asked_for_what_pack_and_tiers_say(customer: Customer) -> None:
    assert required_kinds(customer) == {
        Kind.ID: ("KYC", "tier 2"),
        Kind.ADDRESS_PROOF: ("KYC", "tier 2"),
        Kind.INCOME_PROOF: ("tier 3",),
    }


def test_a_company_is_asked_for_its_register(
    make_customer: MakeCustomer, demo_bank: Tenant
) -> None:
    company = make_customer(
        tenant=demo_bank, customer_type="PRIVATE_COMPANY",
        entity_type="body_corporate", details=COMPANY_DETAILS,
    )  # fmt: skip
    assert required_kinds(company) == {
        Kind.BUSINESS_REGISTRATION: ("KYC", "tier 4"),
        Kind.ADDRESS_PROOF: ("KYC",),
    }


def test_from_missing_to_had(
    send: SendDocument, officer: User, stand: Stand, customer: Customer
) -> None:
    assert set(stand().values()) == {Standing.MISSING}
    document = send()
    assert stand()["id"] == Standing.WAITING
    accept_document(document.pk, by=officer)
    assert stand() == {
        "id": "has",
        "address_proof": "missing",
        "income_proof": "missing",
    }
    assert not is_complete_for_kyc(customer)
    proof = send(pdf("Bill"), kind=Kind.ADDRESS_PROOF)
    assert not is_complete_for_kyc(customer)
    accept_document(proof.pk, by=officer)
    assert is_complete_for_kyc(customer), "income is for a tier, not for KYC"


def test_the_best_document_of_a_kind_counts(
    send: SendDocument, officer: User, stand: Stand
) -> None:
    bad = send()
    reject_document(bad.pk, reason=RejectReason.UNREADABLE, by=officer)
    assert stand()["id"] == Standing.REJECTED
    good = send(pdf("Better"))
    assert stand()["id"] == Standing.WAITING
    accept_document(good.pk, by=officer)
    assert stand()["id"] == Standing.HAS
    archive_document(good.pk, reason="Replaced", by=officer)
    assert stand()["id"] == Standing.REJECTED


@pytest.mark.parametrize(
    ("days", "standing"),
    [
        (-1, Standing.EXPIRED), (0, Standing.EXPIRING),
        (ASK_AGAIN_DAYS, Standing.EXPIRING), (ASK_AGAIN_DAYS + 1, Standing.HAS),
    ],
)  # fmt: skip
def test_terms_end_on_their_day(
    send: SendDocument, officer: User, stand: Stand, demo_bank: Tenant,
    days: int, standing: Standing,
) -> None:  # fmt: skip
    document = send(expires_on=demo_bank.today)
    accept_document(document.pk, by=officer)
    ends_on = demo_bank.today + timedelta(days=days)
    Document.objects.filter(pk=document.pk).update(expires_on=ends_on)
    assert stand()["id"] == standing


# --- asked for again ----------------------------------------------------------------


@pytest.fixture
def ending(send: SendDocument, officer: User, demo_bank: Tenant) -> Document:
    ends_on = demo_bank.today + timedelta(days=ASK_AGAIN_DAYS)
    document = send(expires_on=ends_on)
    accept_document(document.pk, by=officer)
    prove(document.customer)
    return document


def test_asked_for_once_in_time(
    ending: Document, customer: Customer, deliver: Deliver
) -> None:
    assert sweep_documents() == (1, 0)
    assert sweep_documents() == (0, 0)
    deliver()
    sent = mail.outbox
    assert [letter.to for letter in sent] == [[customer.email]]
    assert "Identity document" in sent[0].body
    assert "http" not in sent[0].body
    event = RecordedEvent.objects.get(type="DocumentExpiring")
    assert event.payload["document_id"] == str(ending.pk)


def test_not_a_day_too_early(ending: Document) -> None:
    later = ending.expires_on + timedelta(days=1)  # type: ignore[operator]
    Document.objects.filter(pk=ending.pk).update(expires_on=later)
    assert sweep_documents() == (0, 0)


def test_a_new_date_is_asked_about_anew(ending: Document) -> None:
    assert sweep_documents() == (1, 0)
    sooner = ending.expires_on - timedelta(days=1)  # type: ignore[operator]
    Document.objects.filter(pk=ending.pk).update(expires_on=sooner)
    assert sweep_documents() == (1, 0)


def test_suspended_customers_are_asked_too(ending: Document, officer: User) -> None:
    reason = SuspensionReason.ADVERSE_VERDICT
    suspend_customer(ending.customer_id, reason=reason, by=officer)
    assert sweep_documents() == (1, 0)


def test_a_mail_server_that_is_away_is_waited_for(
    ending: Document, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError("mail.example said no to ama@example.com")

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", refuse)
        sweep_documents()
        deliver()
    waiting = Delivery.objects.get(handler="documents.ask_for_document")
    assert waiting.status == Delivery.Status.DUE
    assert "ama@example.com" not in waiting.last_error
    deliver(hurry=True)
    assert len(mail.outbox) == 1
