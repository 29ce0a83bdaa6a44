"""What the review desk shows of one document, and what it costs to show it."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from customers.registry.models import Customer
from documents.choices import Deed, Kind
from documents.models import Document, DocumentAccess
from tenants.models import Tenant
from tests.conftest import COMPANY_DETAILS, MakeCustomer, MakeStaff
from tests.documents.conftest import SendDocument
from tests.documents.files import pdf, picture
from tests.documents.review_desk import QUEUE, desk, place_of, text_of, three

__all__ = ["desk", "three"]  # fixtures
pytestmark = pytest.mark.django_db


def test_what_the_paper_should_say_comes_from_the_customers_form(
    desk: Client, send: SendDocument, make_customer: MakeCustomer, three: list[Document]
) -> None:
    person = desk.get(place_of(three[1])).context["case"]
    assert [fact.caption for fact in person.matches] == [
        "Name", "Birth date", "Nationality", "Home address", "ID number",
    ]  # fmt: skip
    assert [fact.value for fact in person.matches][1:3] == ["3 Apr 1991", "Ghana"]
    assert person.facts[0].value == "KYC, tier 2"
    company = make_customer(
        customer_type="PRIVATE_COMPANY", entity_type="body_corporate",
        details=COMPANY_DETAILS,
    )  # fmt: skip
    sent = send(customer=company, kind=Kind.BUSINESS_REGISTRATION)
    shown = desk.get(place_of(sent)).context["case"].matches
    # No tax number and no day of incorporation: nothing is listed empty.
    assert [fact.caption for fact in shown] == [
        "Name", "Registration number", "Country of registration", "Registered office",
    ]  # fmt: skip


def test_the_same_file_elsewhere_is_a_warning(
    desk: Client, send: SendDocument, make_customer: MakeCustomer,
    make_staff: MakeStaff, second_bank: Tenant,
) -> None:  # fmt: skip
    content = picture()
    first = send(content, "me.png")
    assert "The same file" not in text_of(desk.get(place_of(first)))
    stranger = make_customer(tenant=second_bank, name="Stranger")
    clerk = make_staff("client_facing", tenant=second_bank)
    send(content, "me.png", customer=stranger, by=clerk)
    assert "The same file" not in text_of(desk.get(place_of(first)))
    twin = send(content, "me.png", customer=make_customer(name="Somebody Else"))
    shown = text_of(desk.get(place_of(first)))
    assert "The same file is at another document: Identity document, Some" in shown
    assert place_of(twin) in desk.get(place_of(first)).content.decode()


def test_names_of_files_and_people_are_text(
    desk: Client, send: SendDocument, make_customer: MakeCustomer
) -> None:
    hostile = make_customer(name="<img src=x onerror=alert(1)>")
    sent = send(name="<script>alert(1)<x>.pdf", customer=hostile)
    for url in (place_of(sent), QUEUE):
        page = desk.get(url).content
        assert b"<script>alert(1)" not in page
        assert b"<img src=x" not in page


@pytest.mark.parametrize("more", [0, 12])
def test_a_longer_line_asks_no_more(
    more: int, desk: Client, send: SendDocument, customer: Customer,
    three: list[Document],
) -> None:  # fmt: skip
    for number in range(more):
        send(pdf(f"more {number}"), customer=customer)
    for url, pinned in ((QUEUE, 13), (place_of(three[1]), 12)):
        desk.get(url)  # what is cached for all pages
        with CaptureQueriesContext(
            connection,
        ) as asked:
            desk.get(url)
        assert len(asked) == pinned, [query["sql"] for query in asked]
    assert Deed.PREVIEW not in DocumentAccess.objects.values_list("deed", flat=True)
