"""The list of documents, one document, its dialogs, and its way out."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common import worklist
from customers.registry.models import Customer
from documents.choices import Deed, Kind, RejectReason, Scan, Status
from documents.models import Document, DocumentAccess
from documents.services import archive_document, reject_document
from tenants.models import Tenant, User
from tests.conftest import ClientAs, Deliver, MakeCustomer, MakeStaff
from tests.documents.conftest import SendDocument
from tests.documents.files import pdf

LIST = reverse("admin:documents_document_changelist")
PRESSED = {"_form_submitted": "True"}
BreakStore = Callable[[], Callable[[], None]]


@pytest.fixture
def desk(client_as: ClientAs, officer: User) -> Client:
    return client_as(officer)


def place(name: str, document: Document) -> str:
    return reverse(f"admin:documents_document_{name}", args=[document.pk])


def listed(client: Client, query: str = "") -> list[Document]:
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


def words_above(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


# --- the list ---
def test_list_filters_and_search(
    desk: Client, send: SendDocument, make_customer: MakeCustomer, officer: User,
    second_bank: Tenant, break_store: BreakStore,
) -> None:  # fmt: skip
    ama, kofi = make_customer(name="Ama One"), make_customer(name="Kofi Two")
    foreign = send(customer=make_customer(tenant=second_bank))
    passport = send(pdf("1"), customer=ama)
    bill = send(pdf("2"), customer=kofi, kind=Kind.ADDRESS_PROOF)
    reject_document(bill.pk, reason=RejectReason.UNREADABLE, by=officer)
    break_store()
    failed = send(pdf("3"), customer=kofi)
    assert listed(desk) == [failed, bill, passport]
    assert listed(desk, "status__exact=failed") == [failed]
    assert listed(desk, "review__exact=rejected") == [bill]
    assert listed(desk, "kind__exact=id&q=ama") == [passport]
    assert listed(desk, f"q={kofi.public_id}") == [failed, bill]
    assert listed(desk, "scan__exact=infected&source__exact=api") == []
    assert foreign not in listed(desk, "q=passport")
    page = desk.get(LIST).content.decode()
    assert 'Not stored<span class="v-count">1</span>' in page
    assert "\u0000" not in desk.get(LIST, {"q": "a\x00b"}).content.decode()


def test_an_empty_list_says_what_to_do(desk: Client) -> None:
    page = desk.get(LIST).content.decode()
    assert "No documents yet." in page
    assert "Add documents on the page of a customer." in page


def test_list_costs_the_same_for_one_row_as_for_many(
    desk: Client, send: SendDocument, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        send(pdf(str(number)))
    desk.get(LIST)
    with django_assert_max_num_queries(11):
        assert len(listed(desk)) == 6


# --- one document ---
def test_a_page_tells_who_read_it(
    desk: Client, send: SendDocument, officer: User, make_customer: MakeCustomer
) -> None:
    document = send(name="My Passport (new).pdf")
    send(customer=(other := make_customer()))
    assert "Nobody yet." in desk.get(place("change", document)).content.decode()
    desk.get(place("download", document))
    page = desk.get(place("change", document)).content.decode()
    for words in (
        "My Passport (new).pdf", document.sha256, "Not scanned", "Downloaded",
        officer.name, f"Same file as {other.public_id}", "Waits for review",
    ):  # fmt: skip
        assert words in page, words
    assert desk.post(place("change", document), {"kind": "other"}).status_code == 405


def test_who_read_it_is_for_those_who_may_see_versions(
    send: SendDocument, client_as: ClientAs, clerk: User
) -> None:
    document, client = send(), client_as(clerk)
    page = client.get(place("change", document)).content.decode()
    assert "Who read it" not in page
    assert place("history", document) not in page
    assert client.get(place("history", document)).status_code == 403


def test_versions_are_shown_and_cannot_be_written(
    desk: Client, send: SendDocument, officer: User
) -> None:
    document = send()
    archive_document(document.pk, reason="Old flat", by=officer)
    assert "Old flat" in desk.get(place("history", document)).content.decode()
    version = document.history.last()
    url = reverse(
        "admin:documents_document_simple_history", args=[document.pk, version.pk]
    )
    assert desk.get(url).status_code == 200
    assert desk.post(url, {}).status_code == 403


# --- dialogs ---
def test_archive_and_delete_want_a_reason(
    desk: Client, send: SendDocument, officer: User, deliver: Deliver
) -> None:
    document = send()
    for name, status in (("archive", Status.ARCHIVED), ("remove", Status.DELETED)):
        url = place(name, document)
        assert desk.get(url).status_code == 200
        assert "Say why" in desk.post(url, PRESSED).content.decode()
        here = {"HX-Request": "true", "HX-Current-URL": place("change", document)}
        answer = desk.post(url, {**PRESSED, "reason": "Another person’s"}, headers=here)
        assert answer["HX-Redirect"] == place("change", document)
        document.refresh_from_db()
        assert document.status == status
        version = document.history.first()
        assert version.history_user == officer
        assert version.history_change_reason == "Another person’s"
    deliver()
    assert "gone for good" in desk.get(place("remove", document)).content.decode()
    answer = desk.post(place("archive", document), {**PRESSED, "reason": "x"})
    assert "Cannot archive" in answer.content.decode()


def test_try_again_stores_what_is_held(
    send: SendDocument, break_store: BreakStore, client_as: ClientAs, clerk: User
) -> None:
    mend, client = break_store(), client_as(clerk)
    document = send()
    answer = client.post(place("again", document), PRESSED)
    assert "It is tried again by itself." in answer.content.decode()
    mend()
    answer = client.post(place("again", document), PRESSED)
    assert answer["Location"].endswith(f"/{document.customer_id}/change/")
    assert words_above(answer) == ["It is stored."]
    document.refresh_from_db()
    assert document.status == Status.ACTIVE


@pytest.mark.parametrize("name", ["archive", "remove"])
@pytest.mark.parametrize("role", ["client_facing", "teller", "auditor"])
def test_only_compliance_archives_and_deletes(
    name: str, role: str, send: SendDocument, make_staff: MakeStaff,
    client_as: ClientAs,
) -> None:  # fmt: skip
    document, client = send(), client_as(make_staff(role))
    assert client.get(place(name, document)).status_code == 403
    answer = client.post(place(name, document), {**PRESSED, "reason": "x"})
    assert answer.status_code == 403
    page = client.get(place("change", document)).content.decode()
    assert place(name, document) not in page


# --- download ---
def test_a_download_leads_to_the_file_and_is_logged(
    desk: Client, send: SendDocument, officer: User
) -> None:
    document = send()
    answer = desk.get(place("download", document))
    file = Client().get(answer["Location"])
    assert b"".join(file.streaming_content) == pdf()  # type: ignore[attr-defined]
    access = DocumentAccess.objects.get()
    assert (access.reader, access.deed) == (officer, Deed.DOWNLOAD)
    assert desk.post(place("download", document)).status_code == 405


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"scan": Scan.WAITING}, "waits for the malware scanner"),
        ({"scan": Scan.INFECTED}, "Malware was found"),
        ({"status": Status.DELETED}, "was deleted"),
        ({"status": Status.FAILED}, "is not stored yet"),
    ],
)
def test_what_cannot_be_read_is_said_above_the_page(
    desk: Client, send: SendDocument, change: dict[str, str], words: str
) -> None:
    document = send()
    Document.objects.filter(pk=document.pk).update(**change)
    answer = desk.get(place("download", document))
    assert answer["Location"] == place("change", document)
    assert words in words_above(answer)[0]
    assert not DocumentAccess.objects.exists()


def test_a_refusal_is_logged(
    send: SendDocument, make_staff: MakeStaff, client_as: ClientAs
) -> None:
    document, stranger = send(), make_staff("administrator")
    url = place("download", document)
    assert client_as(stranger).get(url).status_code == 403
    access = DocumentAccess.objects.get()
    assert (access.reader, access.deed) == (stranger, Deed.DENIED)


@pytest.mark.parametrize("name", ["change", "download", "again", "archive", "remove"])
def test_another_institutions_document_does_not_exist(
    name: str, send: SendDocument, make_staff: MakeStaff, second_bank: Tenant,
    client_as: ClientAs,
) -> None:  # fmt: skip
    staff = make_staff("compliance_officer", "client_facing", tenant=second_bank)
    document, client = send(), client_as(staff)
    assert client.get(place(name, document)).status_code == 404
    assert not DocumentAccess.objects.exists()


# --- the queue ---
def test_what_is_not_stored_is_a_queue(
    send: SendDocument, break_store: BreakStore, clerk: User, make_staff: MakeStaff,
    customer: Customer,
) -> None:  # fmt: skip
    break_store()
    document = send()
    hour_ago = timezone.now() - timedelta(hours=1)
    Document.objects.filter(pk=document.pk).update(uploaded_at=hour_ago)
    counted = {queue.name: count for queue, count in worklist.counted_for(clerk)}
    queue = counted["Documents not stored"]
    assert (queue.count, queue.oldest_at) == (1, hour_ago)
    assert queue.url == f"{LIST}?status__exact=failed"
    teller = make_staff("teller")
    names = {queue.name for queue, _ in worklist.counted_for(teller)}
    assert "Documents not stored" not in names
