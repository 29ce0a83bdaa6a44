"""Documents on the customer page: what is asked for, what is wrong, what to press."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from customers.registry import customer_page
from customers.registry.models import Customer
from documents.choices import Kind, RejectReason, Scan
from documents.models import Document
from documents.panels.board import SHOWN, build_documents
from documents.panels.labels import size_words
from documents.services import (
    accept_document,
    archive_document,
    delete_document,
    reject_document,
)
from tenants.models import Tenant, User
from tests.conftest import ClientAs, MakeCustomer, MakeStaff
from tests.documents.conftest import SendDocument
from tests.documents.files import pdf

BreakStore = Callable[[], Callable[[], None]]


def rows_of(customer: Customer, user: User) -> tuple[list[Any], list[Any]]:
    context = build_documents(customer, user).context
    return context["asked"], context["others"]


def verbs(row: Any) -> list[str]:
    return [verb.title for verb in ([row.verb] if row.verb else []) + row.menu]


def in_days(customer: Customer, days: int) -> Any:
    return customer.tenant.today + timedelta(days=days)


def test_what_is_asked_for_ends_in_its_verb(customer: Customer, clerk: User) -> None:
    view = build_documents(customer, clerk)
    asked, others = rows_of(customer, clerk)
    assert [row.title for row in asked] == [
        "Identity document", "Proof of address", "Proof of income",
    ]  # fmt: skip
    assert [row.meta for row in asked] == ["For KYC, tier 2"] * 2 + ["For tier 3"]
    assert [row.verb.title for row in asked] == ["Add"] * 3
    place = reverse("admin:documents_upload", args=[customer.pk])
    assert asked[1].verb.url == f"{place}?kind=address_proof"
    assert (others, view.note, view.is_troubled) == ([], "0 of 3", False)
    assert (view.verb, view.url) == ("Add documents", place)


def test_each_standing_in_words(
    customer: Customer, clerk: User, officer: User, send: SendDocument
) -> None:
    passport = send(expires_on=in_days(customer, 12))
    accept_document(passport.pk, by=officer)
    bill = send(pdf("Bill"), kind=Kind.ADDRESS_PROOF)
    reject_document(bill.pk, reason=RejectReason.UNREADABLE, by=officer)
    income = send(pdf("Pay"), kind=Kind.INCOME_PROOF)
    asked, _ = rows_of(customer, officer)
    assert [row.icon.word for row in asked] == [
        "Expires soon", "Rejected", "Waits for review",
    ]  # fmt: skip
    assert [row.note for row in asked] == [
        "expires in 12 d", "unreadable", "waits for review",
    ]  # fmt: skip
    assert [verbs(row) for row in asked] == [
        ["Add", "Open", "Archive", "Delete"],
        ["Add", "Open", "Archive", "Delete"],
        ["Review", "Open", "Archive", "Delete"],
    ]
    assert build_documents(customer, officer).note == "1 of 3"
    mine, _ = rows_of(customer, clerk)
    assert [verbs(row) for row in mine] == [["Add", "Open"], ["Add", "Open"], ["Open"]]
    Document.objects.filter(pk=income.pk).update(scan=Scan.WAITING)
    waiting = rows_of(customer, officer)[0][2]
    assert (waiting.note, verbs(waiting)) == (
        "waits for the scanner", ["Archive", "Delete"],
    )  # fmt: skip


def test_other_documents_come_newest_first_and_not_without_end(
    customer: Customer, clerk: User, send: SendDocument
) -> None:
    sent = [send(pdf(f"{n}"), kind=Kind.OTHER) for n in range(SHOWN + 2)]
    _, others = rows_of(customer, clerk)
    newest = [page(document) for document in sent[::-1]]
    assert [row.url for row in others] == newest[:SHOWN]
    context = build_documents(customer, clerk).context
    assert context["total"] == SHOWN + 2
    assert context["all_url"].endswith(f"?q={customer.public_id}")


def page(document: Document) -> str:
    return reverse("admin:documents_document_change", args=[document.pk])


def test_what_was_put_away_or_deleted(
    customer: Customer, officer: User, clerk: User, send: SendDocument
) -> None:
    archived, deleted = send(pdf("a")), send(pdf("b"))
    archive_document(archived.pk, reason="Old", by=officer)
    delete_document(deleted.pk, reason="Wrong person", by=officer)
    asked, others = rows_of(customer, officer)
    assert asked[0].note == "missing"
    assert [(row.icon.word, verbs(row)) for row in others] == [
        ("Archived", ["Open", "Delete"])
    ]
    assert not build_documents(customer, officer).is_troubled


# --- trouble ---
def test_not_stored_is_trouble_and_can_be_tried_again(
    customer: Customer, clerk: User, send: SendDocument, break_store: BreakStore
) -> None:
    break_store()
    send()
    view = build_documents(customer, clerk)
    row = view.context["asked"][0]
    assert view.is_troubled
    assert (row.note, verbs(row)) == ("not stored", ["Try again"])


@pytest.mark.parametrize(
    ("change", "is_troubled"),
    [
        ({"scan": Scan.INFECTED}, True),
        ({"review": "rejected", "review_reason": "unreadable"}, True),
        ({"expires_on": "2020-01-01"}, True),
        ({"status": "archived", "scan": Scan.INFECTED}, False),
        ({}, False),
    ],
)
def test_trouble(
    customer: Customer, clerk: User, send: SendDocument,
    change: dict[str, Any], is_troubled: bool,
) -> None:  # fmt: skip
    Document.objects.filter(pk=send().pk).update(**change)
    assert build_documents(customer, clerk).is_troubled is is_troubled


def test_a_replacement_ends_the_trouble(
    customer: Customer, clerk: User, officer: User, send: SendDocument
) -> None:
    first = send(pdf("one"))
    reject_document(first.pk, reason=RejectReason.UNREADABLE, by=officer)
    assert build_documents(customer, clerk).is_troubled
    send(pdf("two"))
    assert not build_documents(customer, clerk).is_troubled


# --- the same bytes ---
def test_the_same_file_names_the_other_customers_number_alone(
    customer: Customer, make_customer: MakeCustomer, second_bank: Tenant,
    clerk: User, send: SendDocument,
) -> None:  # fmt: skip
    other, third = make_customer(name="Kofi Annan"), make_customer()
    foreign = make_customer(tenant=second_bank)
    send()
    send(customer=foreign)
    asked, _ = rows_of(customer, clerk)
    assert asked[0].same is None
    send(customer=other)
    send(customer=third)
    asked, _ = rows_of(customer, clerk)
    assert asked[0].same.tone == "warn"
    assert asked[0].same.word == f"Same file as {other.public_id} and 1 more"
    twice = send(pdf("bill"), kind=Kind.ADDRESS_PROOF)
    send(pdf("bill"), kind=Kind.OTHER)
    asked, others = rows_of(customer, clerk)
    assert asked[1].same.word == others[0].same.word == "Same file sent twice"
    Document.objects.filter(sha256=twice.sha256, kind=Kind.OTHER).update(
        status="deleted"
    )
    assert rows_of(customer, clerk)[0][1].same is None


def test_two_queries_whatever_there_is(
    customer: Customer, clerk: User, send: SendDocument,
    django_assert_num_queries: Any,
) -> None:  # fmt: skip
    clerk.has_perm("documents.view_document")
    for number in range(5):
        send(pdf(str(number)), kind=Kind.OTHER)
    send(pdf("bill"), kind=Kind.ADDRESS_PROOF)
    with django_assert_num_queries(2):
        build_documents(customer, clerk)


# --- what is missing ---
def missing(customer: Customer, user: User) -> dict[str, tuple[str, str, str]]:
    return {
        item.title: (item.label.word, item.note, item.verb)
        for item in customer_page.missing_for(customer, user)
        if item.title in Kind.labels
    }


def test_what_kyc_wants(
    customer: Customer, clerk: User, officer: User, send: SendDocument
) -> None:
    assert missing(customer, clerk) == {
        "Identity document": ("Missing", "", "Add"),
        "Proof of address": ("Missing", "", "Add"),
    }
    send()
    identity = ("Waits for review", "waits for review")
    assert missing(customer, clerk)["Identity document"] == (*identity, "")
    assert missing(customer, officer)["Identity document"] == (*identity, "Review")


def test_of_the_verified_only_what_runs_out(
    make_customer: MakeCustomer, clerk: User, officer: User, send: SendDocument
) -> None:
    verified = make_customer(verified=True)
    assert missing(verified, clerk) == {}
    ending = in_days(verified, 5)
    passport = send(customer=verified, expires_on=ending)
    assert missing(verified, clerk) == {}
    accept_document(passport.pk, by=officer)
    assert missing(verified, clerk) == {
        "Identity document": ("Expires soon", "expires in 5 d", "Add")
    }
    send(pdf("new"), customer=verified)
    _, note, verb = missing(verified, clerk)["Identity document"]
    assert (note, verb) == ("expires in 5 d; a newer one waits for review", "")


def test_who_waits_for_us(
    make_customer: MakeCustomer, send: SendDocument, officer: User
) -> None:
    """Of whom KYC says nothing any more: before that, KYC is what they wait for."""
    waiting, calm = make_customer(verified=True), make_customer(verified=True)
    document = send(customer=waiting)
    found = customer_page.waits_for([waiting, calm], officer)
    assert (found.get(waiting.pk), found.get(calm.pk)) == ("Document review", None)
    accept_document(document.pk, by=officer)
    assert customer_page.waits_for([waiting], officer) == {}


def test_the_page_shows_it_and_the_teller_cannot_add(
    customer: Customer, clerk: User, make_staff: MakeStaff, client_as: ClientAs,
    send: SendDocument,
) -> None:  # fmt: skip
    send()
    url = reverse("admin:registry_customer_change", args=[customer.pk])
    place = reverse("admin:documents_upload", args=[customer.pk])
    body = client_as(clerk).get(url).content.decode()
    assert "For KYC, tier 2. PDF, " in body
    assert place in body
    assert place not in client_as(make_staff("teller")).get(url).content.decode()


@pytest.mark.parametrize(
    ("size", "words"), [(12, "12 bytes"), (2048, "2 KB"), (1_500_000, "1.4 MB")]
)
def test_sizes_as_people_say_them(size: int, words: str) -> None:
    assert size_words(size) == words
