"""The page on which staff add documents: file by file, and as a plain form."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from customers.registry.models import Customer
from documents.admin.uploading import CUT_OFF
from documents.choices import IdType, Kind, Scan, Source, Status
from documents.models import Document, HeldChunk
from documents.receiving import MAX_FILE_BYTES, TOO_LARGE
from tenants.models import Tenant, User
from tests.conftest import MODEL_BACKEND, ClientAs, MakeCustomer, MakeStaff
from tests.documents.conftest import SendDocument, stored_bytes
from tests.documents.files import pdf, picture, upload

BreakStore = Callable[[], Callable[[], None]]


@pytest.fixture
def front(client_as: ClientAs, clerk: User) -> Client:
    return client_as(clerk)


def page_of(customer: Customer) -> str:
    return reverse("admin:documents_upload", args=[customer.pk])


def file_of(customer: Customer) -> str:
    return reverse("admin:documents_upload_file", args=[customer.pk])


def paper(**said: Any) -> dict[str, Any]:
    return {"kind": "id", "id": str(uuid4()), "file": upload(), **said}


def words_above(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_the_page_tells_what_is_asked_for(front: Client, customer: Customer) -> None:
    page = front.get(page_of(customer), {"kind": "address_proof"}).content.decode()
    assert "Proof of address (KYC, tier 2)" in page
    assert '<option value="address_proof" selected' in page
    assert "vestibule/upload.js" in page
    assert customer.public_id in page
    odd = front.get(page_of(customer), {"kind": "<script>"}).content.decode()
    assert "<script>&" not in odd
    assert '<option value="" selected' in odd


def test_one_file_is_stored(front: Client, customer: Customer, clerk: User) -> None:
    said = paper(
        id_type="passport", issued_on="2024-01-02", expires_on="2034-01-02",
        file=upload(pdf("Ama"), "My Passport.pdf"),
    )  # fmt: skip
    answer = front.post(file_of(customer), said)
    assert answer.status_code == 201
    assert answer.json() == {"tone": "good", "words": "Stored as “Passport”."}
    document = Document.objects.get()
    assert str(document.pk) == said["id"]
    assert (document.uploaded_by, document.source) == (clerk, Source.STAFF)
    assert document.id_type == IdType.PASSPORT
    assert stored_bytes(document) == pdf("Ama")


def test_sent_again_adds_nothing(front: Client, customer: Customer) -> None:
    said = paper()
    first = front.post(file_of(customer), said)
    said["file"] = upload()
    again = front.post(file_of(customer), {**said, "kind": "other"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()  # and says as what it was stored
    assert Document.objects.get().kind == Kind.ID


@pytest.mark.parametrize(
    ("said", "status", "field", "words"),
    [
        ({"kind": ""}, 422, "kind", "Choose a kind."),
        ({"kind": "gold"}, 422, "kind", "Choose a kind of the list."),
        ({"id": "1"}, 422, "id", "The page is broken; reload it."),
        ({"issued_on": "yesterday"}, 422, "issued_on", "Issued: write the day as"),
        ({"issued_on": "2999-01-01"}, 409, "issued_on", "in the future"),
        ({"kind": "other", "id_type": "passport"}, 409, "id_type", "Only identity"),
        ({"file": upload(b"MZ" + bytes(99), "a.pdf")}, 422, "file", "a.pdf"),
        ({"file": upload(b"", "empty.pdf")}, 422, "file", "empty"),
        ({"file": ""}, 422, "file", CUT_OFF),
    ],
)
def test_refusals_are_one_sentence(
    front: Client, customer: Customer,
    said: dict[str, Any], status: int, field: str, words: str,
) -> None:  # fmt: skip
    answer = front.post(file_of(customer), paper(**said))
    body = answer.json()
    assert (answer.status_code, body["field"], body["tone"]) == (status, field, "stop")
    assert words in body["words"]
    assert not Document.objects.exists()


def test_too_large_is_413(front: Client, customer: Customer) -> None:
    large = SimpleUploadedFile("large.pdf", b"%PDF-" + bytes(MAX_FILE_BYTES))
    answer = front.post(file_of(customer), paper(file=large))
    assert (answer.status_code, answer.json()["words"]) == (413, TOO_LARGE)
    large.seek(0)
    plain = front.post(page_of(customer), paper(files=large))
    assert words_above(plain) == [TOO_LARGE]
    assert not Document.objects.exists()


def test_a_request_that_was_cut_off_leaves_nothing(
    front: Client, customer: Customer
) -> None:
    head = (
        '--x\r\nContent-Disposition: form-data; name="kind"\r\n\r\nother\r\n'
        f'--x\r\nContent-Disposition: form-data; name="id"\r\n\r\n{uuid4()}\r\n'
        '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n'
        "Content-Type: text/csv\r\n\r\nname,amount\nAma,1"
    )
    answer = front.generic(
        "POST", file_of(customer), head, "multipart/form-data; boundary=x"
    )
    assert (answer.status_code, answer.json()["words"]) == (422, CUT_OFF)
    assert not Document.objects.exists()


def test_a_store_that_is_down_loses_nothing(
    front: Client, customer: Customer, break_store: BreakStore
) -> None:
    break_store()
    answer = front.post(file_of(customer), paper())
    assert (answer.status_code, answer.json()["tone"]) == (201, "warn")
    assert "tried again by itself" in answer.json()["words"]
    assert Document.objects.get().status == Status.FAILED
    assert HeldChunk.objects.exists()


def test_the_scanner_is_waited_for(
    front: Client, customer: Customer, settings: Any
) -> None:
    settings.CLAMAV_ADDRESS = "127.0.0.1:9"
    said = paper()
    answer = front.post(file_of(customer), said).json()
    assert answer["tone"] == "wait"
    assert "waits for the malware scanner" in answer["words"]
    Document.objects.update(scan=Scan.INFECTED)
    answer = front.post(file_of(customer), {**said, "file": upload()}).json()
    assert (answer["tone"], "malware found" in answer["words"]) == ("stop", True)


def test_a_known_id_of_another_customer_is_refused(
    front: Client, customer: Customer, make_customer: MakeCustomer, send: SendDocument
) -> None:
    theirs = send(customer=make_customer())
    answer = front.post(file_of(customer), paper(id=str(theirs.pk)))
    assert answer.status_code == 409
    assert theirs.customer.public_id not in answer.content.decode()


# --- without scripts ---
def test_the_plain_form_keeps_several(front: Client, customer: Customer) -> None:
    files = [upload(name="one.pdf"), upload(picture(), "two.png")]
    said = {"kind": "other", "id": str(uuid4()), "files": files}
    answer = front.post(page_of(customer), said)
    assert answer["Location"].endswith(f"/{customer.pk}/change/")
    assert words_above(answer) == [
        "one.pdf: Stored as “Other document”.", "two.png: Stored as “Other document”.",
    ]  # fmt: skip
    for file in files:
        file.seek(0)
    front.post(page_of(customer), said)  # pressed twice
    assert Document.objects.filter(kind=Kind.OTHER).count() == 2


def test_the_plain_form_tells_which_was_refused(
    front: Client, customer: Customer
) -> None:
    files = [upload(name="one.pdf"), upload(b"no pdf", "two.pdf")]
    said = {"kind": "other", "id": str(uuid4()), "files": files}
    answer = front.post(f"{page_of(customer)}?kind=other", said)
    assert answer["Location"] == f"{page_of(customer)}?kind=other"
    stored, refused = words_above(answer)
    assert stored == "one.pdf: Stored as “Other document”."
    assert refused.startswith("two.pdf: ")
    answer = front.post(page_of(customer), {"kind": "other"})
    assert words_above(answer)[-1] == CUT_OFF


# --- who may ---
@pytest.mark.parametrize("role", ["teller", "auditor", "administrator"])
def test_without_the_permission_nothing_is_kept(
    role: str, customer: Customer, make_staff: MakeStaff, client_as: ClientAs
) -> None:
    client = client_as(make_staff(role))
    assert client.get(page_of(customer)).status_code == 403
    for url in (page_of(customer), file_of(customer)):
        assert client.post(url, paper(files=upload())).status_code == 403
    assert not Document.objects.exists()


def test_another_institution_has_no_such_customer(
    customer: Customer, make_staff: MakeStaff, second_bank: Tenant,
    client_as: ClientAs,
) -> None:  # fmt: skip
    client = client_as(make_staff("client_facing", tenant=second_bank))
    for url in (page_of(customer), file_of(customer)):
        assert client.post(url, paper(files=upload())).status_code == 404
    assert not Document.objects.exists()


def test_a_forged_request_is_refused(customer: Customer, clerk: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(clerk, backend=MODEL_BACKEND)
    assert client.post(file_of(customer), paper()).status_code == 403
    page = client.get(page_of(customer))
    token = str(page.context["csrf_token"])
    answer = client.post(file_of(customer), paper(), headers={"X-CSRFToken": token})
    assert answer.status_code == 201
    assert Document.objects.count() == 1


def test_a_page_costs_the_same_whatever_there_is(
    front: Client, customer: Customer, send: SendDocument,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    for number in range(4):
        send(pdf(str(number)))
    front.get(page_of(customer))
    with django_assert_max_num_queries(10):
        assert front.get(page_of(customer)).status_code == 200
