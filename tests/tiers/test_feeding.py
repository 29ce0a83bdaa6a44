"""Who tells the tiers: documents and contacts, in any order, as often as they like."""

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from customers.contacts.choices import Kind as ContactKind
from customers.contacts.events import (
    ContactChanged,
    ContactRemoved,
    EmailVerified,
    PhoneVerified,
)
from customers.contacts.models import Email, Phone
from customers.contacts.services import add_contact, remove_contact
from customers.registry.models import Customer
from customers.tiers.handlers import (
    count_changed_contact,
    count_email,
    count_phone,
    discount_removed_contact,
)
from customers.tiers.models import Evidence, EvidenceKind
from customers.tiers.services import kinds_in_force
from documents.choices import Kind
from documents.events import DocumentAccepted, DocumentArchived
from documents.handlers import record_proof, withdraw_proof
from documents.models import Document
from documents.services import (
    Paper,
    accept_document,
    archive_document,
    delete_document,
)
from documents.uploads import upload_document
from tenants.models import User
from tests.conftest import Deliver, MakeCustomer, MakeStaff
from tests.documents.files import pdf, upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def officer(make_staff: MakeStaff) -> User:
    return make_staff("compliance_officer")


@pytest.fixture
def clerk(make_staff: MakeStaff) -> User:
    return make_staff("client_facing")


def accepted(
    customer: Customer, kind: Kind, clerk: User, officer: User, **paper: Any
) -> Document:
    file = upload(pdf(f"{kind} {timezone.now()}"), f"{kind}.pdf")
    document = upload_document(customer.pk, Paper(kind=kind, **paper), file, by=clerk)
    accept_document(document.pk, by=officer)
    return document


def tier(customer: Customer) -> int:
    customer.refresh_from_db()
    return customer.tier


# --- documents ------------------------------------------------------------------------
def test_accepted_documents_lift_and_archived_ones_let_down(
    make_customer: MakeCustomer, deliver: Deliver, clerk: User, officer: User
) -> None:
    customer = make_customer(verified=True)
    until = customer.tenant.today + timedelta(days=90)
    passport = accepted(customer, Kind.ID, clerk, officer, expires_on=until)
    deliver()
    assert tier(customer) == 1
    bill = accepted(customer, Kind.ADDRESS_PROOF, clerk, officer)
    deliver()
    assert tier(customer) == 2
    accepted(customer, Kind.INCOME_PROOF, clerk, officer)
    deliver()
    assert tier(customer) == 3
    row = Evidence.objects.get(kind="id_document")
    assert (row.valid_until, row.source) == (until, f"document:{passport.pk}")
    archive_document(bill.pk, reason="Moved", by=officer)
    deliver()
    assert tier(customer) == 1
    delete_document(passport.pk, reason="By mistake", by=officer)
    deliver()
    assert kinds_in_force(customer) == {"income_proof", "kyc_verified"}


def test_other_documents_prove_nothing(
    make_customer: MakeCustomer, deliver: Deliver, clerk: User, officer: User
) -> None:
    customer = make_customer()
    accepted(customer, Kind.OTHER, clerk, officer)
    deliver()
    assert not Evidence.objects.exists()


def test_the_order_of_deliveries_does_not_matter(
    make_customer: MakeCustomer, clerk: User, officer: User
) -> None:
    customer = make_customer(verified=True)
    document = accepted(customer, Kind.ID, clerk, officer)
    archive_document(document.pk, reason="Moved", by=officer)
    about: dict[str, str] = {
        "customer_id": str(customer.pk), "document_id": str(document.pk), "kind": "id",
    }  # fmt: skip
    deliveries: list[Callable[[], None]] = [
        lambda: record_proof(DocumentAccepted(**about)),
        lambda: withdraw_proof(DocumentArchived(**about)),
        lambda: record_proof(DocumentAccepted(**about)),
    ]
    for order in permutations(deliveries):
        for delivery in order:
            delivery()
        assert not Evidence.objects.in_force(customer.tenant.today).exists()


# --- contacts -------------------------------------------------------------------------
def a_phone(customer: Customer, by: User) -> Phone:
    asked = {"number": "+233201004321", "type": ""}
    add_contact(customer.pk, ContactKind.PHONE, asked, by=by, reason="Asked")
    phone: Phone = Phone.objects.get(number="+233201004321")
    return phone


def prove_by_code(contact: Phone | Email, at: Any) -> None:
    type(contact).objects.filter(pk=contact.pk).update(verified_at=at)


def test_a_proven_phone_counts_until_it_is_changed_or_removed(
    make_customer: MakeCustomer, deliver: Deliver, clerk: User
) -> None:
    customer = make_customer()
    deliver()
    phone = a_phone(customer, clerk)
    said = PhoneVerified(customer_id=str(customer.pk), phone_id=str(phone.pk))
    count_phone(said)
    assert kinds_in_force(customer) == set()
    prove_by_code(phone, timezone.now())
    for _ in range(2):
        count_phone(said)
    assert kinds_in_force(customer) == {"phone_verified"}
    about: dict[str, Any] = {
        "customer_id": str(customer.pk), "kind": "phone", "contact_id": str(phone.pk),
    }  # fmt: skip
    prove_by_code(phone, None)
    count_changed_contact(ContactChanged(**about))
    assert kinds_in_force(customer) == set()
    prove_by_code(phone, timezone.now())
    count_phone(said)
    remove_contact(ContactKind.PHONE, phone.pk, by=clerk, reason="Lost")
    discount_removed_contact(ContactRemoved(**about))
    count_phone(said)
    assert kinds_in_force(customer) == set()
    assert Evidence.objects.get(customer=customer).kind == EvidenceKind.PHONE_VERIFIED


def test_a_proven_email_is_evidence_of_its_own(
    make_customer: MakeCustomer, deliver: Deliver, clerk: User
) -> None:
    customer = make_customer()
    asked = {"email": "second@mail.example"}
    add_contact(customer.pk, ContactKind.EMAIL, asked, by=clerk, reason="Asked")
    email = Email.objects.get(email="second@mail.example")
    prove_by_code(email, timezone.now())
    count_email(EmailVerified(customer_id=str(customer.pk), email_id=str(email.pk)))
    assert kinds_in_force(customer) == {"email_verified"}
