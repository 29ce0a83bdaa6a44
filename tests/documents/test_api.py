"""Documents through the API, and what comes back for whatever is sent wrongly."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from common.keys import new_id
from customers.registry.models import Customer
from documents.choices import Source
from documents.models import Document
from documents.receiving import MAX_FILE_BYTES
from tenants.models import Tenant, User
from tests.conftest import ClientAs, MakeStaff
from tests.documents.conftest import SendDocument, stored_bytes
from tests.documents.files import pdf, upload


@pytest.fixture
def api(client_as: ClientAs, clerk: User) -> Client:
    return client_as(clerk)


@pytest.fixture
def place(customer: Customer) -> str:
    return f"/api/v1/customer/{customer.pk}/documents"


def refusal(answer: Any, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(answer.content)
    assert (answer.status_code, body["status_code"]) == (status, status)
    assert body["error_code"] == code
    assert set(body) == {"status_code", "error_code", "message", "details"}
    return body


def test_send_list_look_and_download(api: Client, place: str, clerk: User) -> None:
    answer = api.post(place, {
        "file": upload(name="id.pdf"), "kind": "id", "id_type": "passport",
        "issued_on": "2024-01-02", "expires_on": "2034-01-02",
    })  # fmt: skip
    assert answer.status_code == 201, answer.content
    sent = answer.json()
    document = Document.objects.get(pk=sent["id"])
    assert (document.source, document.uploaded_by) == (Source.API, clerk)
    assert stored_bytes(document) == pdf()
    assert sent["sha256"] == document.sha256
    assert api.get(place).json()["results"] == [sent]
    assert api.get(f"{place}/{document.pk}").json() == sent
    answer = api.get(f"{place}/{document.pk}/file")
    assert answer.status_code == 302
    assert b"".join(Client().get(answer["Location"]).streaming_content) == pdf()  # type: ignore[attr-defined]


def test_pages_of_the_list(api: Client, place: str, send: SendDocument) -> None:
    sent = [str(send(pdf(f"Number {n}")).pk) for n in range(3)]
    first = api.get(place, {"limit": 2}).json()
    second = api.get(first["next"]).json()
    found = [row["id"] for row in first["results"] + second["results"]]
    assert found == sent[::-1]


def test_the_same_id_again_is_the_same_document(api: Client, place: str) -> None:
    asked = {"kind": "id", "id": str(new_id())}
    first = api.post(place, {**asked, "file": upload()}).json()
    assert api.post(place, {**asked, "file": upload()}).json() == first
    assert Document.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "selfie"}, "kind"),
        ({}, "kind"),
        ({"kind": "id", "id": "7"}, "id"),
        ({"kind": "id", "expires_on": "soon"}, "expires_on"),
        ({"kind": "id", "id_type": "library_card"}, "id_type"),
    ],
)
def test_what_cannot_be_used(
    api: Client, place: str, said: dict[str, str], field: str
) -> None:
    answer = api.post(place, {**said, "file": upload()})
    body = refusal(answer, 422, "DATA_VALIDATION_FAILED")
    assert field in body["details"]
    assert not Document.objects.exists()


def test_a_contradiction_is_one_sentence(api: Client, place: str) -> None:
    said = {"kind": "other", "id_type": "passport", "file": upload()}
    body = refusal(api.post(place, said), 409, "CUSTOMER_ERROR")
    assert "Only identity documents" in body["message"]


def test_no_file_at_all(api: Client, place: str) -> None:
    body = refusal(api.post(place, {"kind": "id"}), 422, "DATA_VALIDATION_FAILED")
    assert "file" in body["details"]
    answer = api.post(place, {"kind": "id"}, content_type="application/json")
    refusal(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


def test_zero_bytes(api: Client, place: str) -> None:
    answer = api.post(place, {"kind": "id", "file": upload(b"")})
    assert answer.status_code == 422
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"MZ" + b"\0" * 400, "passport.pdf"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "a.svg"),
        (b"PK\x03\x04" + b"\0" * 300, "a.zip"),
        (pdf(), "photo.png"),
    ],
)
def test_files_we_do_not_take(
    api: Client, place: str, content: bytes, name: str
) -> None:
    answer = api.post(place, {"kind": "id", "file": upload(content, name)})
    refusal(answer, 422, "FILE_REFUSED")
    assert not Document.objects.exists()


def test_twenty_five_megabytes_and_no_byte_more(api: Client, place: str) -> None:
    whole = pdf(size=MAX_FILE_BYTES)
    whole = whole.replace(
        b"%PDF-1.4\n",
        b"%PDF-1.4\n%" + b" " * (MAX_FILE_BYTES - len(whole) - 2) + b"\n",
        1,
    )
    answer = api.post(place, {"kind": "id", "file": upload(whole[:MAX_FILE_BYTES])})
    assert answer.status_code == 201, answer.content
    more = SimpleUploadedFile("a.pdf", whole + b"\n")
    answer = api.post(place, {"kind": "id", "file": more})
    refusal(answer, 413, "FILE_TOO_LARGE")
    assert Document.objects.count() == 1


def test_the_other_bank_finds_nothing(
    client_as: ClientAs, make_staff: MakeStaff, second_bank: Tenant,
    send: SendDocument, place: str,
) -> None:  # fmt: skip
    document = send()
    stranger = client_as(make_staff("compliance_officer", tenant=second_bank))
    for address in (place, f"{place}/{document.pk}", f"{place}/{document.pk}/file"):
        refusal(stranger.get(address), 404, "CUSTOMER_NOT_FOUND")
    sent = stranger.post(place, {"kind": "id", "file": upload()})
    refusal(sent, 404, "CUSTOMER_NOT_FOUND")


def test_a_document_under_another_customer_is_not_found(
    api: Client, send: SendDocument, make_customer: Any, demo_bank: Tenant
) -> None:
    document, other = send(), make_customer(tenant=demo_bank)
    base = f"/api/v1/customer/{other.pk}/documents/{document.pk}"
    refusal(api.get(base), 404, "NOT_FOUND")
    refusal(api.get(f"{base}/file"), 404, "NOT_FOUND")
    assert not document.accesses.exists()


@pytest.mark.parametrize(
    ("role", "reads", "sends"),
    [
        ("client_facing", 200, 201), ("compliance_officer", 200, 201),
        ("senior_manager", 200, 403), ("governing_body", 200, 403),
        ("teller", 200, 403), ("auditor", 200, 403), ("administrator", 403, 403),
    ],
)  # fmt: skip
def test_who_may_read_and_send(
    client_as: ClientAs, make_staff: MakeStaff, demo_bank: Tenant, place: str,
    role: str, reads: int, sends: int,
) -> None:  # fmt: skip
    theirs = client_as(make_staff(role, tenant=demo_bank))
    assert theirs.get(place).status_code == reads
    answer = theirs.post(place, {"kind": "id", "file": upload()})
    assert answer.status_code == sends, answer.content


def test_without_a_session(place: str) -> None:
    refusal(Client().get(place), 401, "NOT_AUTHENTICATED")
    refusal(Client().post(place, {"kind": "id"}), 401, "NOT_AUTHENTICATED")


def test_without_the_csrf_token(place: str, clerk: User) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(clerk, backend="tenants.backends.RoleBackend")
    refusal(careful.post(place, {"kind": "id", "file": upload()}), 403, "FORBIDDEN")
    assert not Document.objects.exists()


def test_methods_and_addresses_that_are_not_there(api: Client, place: str) -> None:
    refusal(api.put(place), 405, "METHOD_NOT_ALLOWED")
    refusal(api.get(f"{place}/{new_id()}"), 404, "NOT_FOUND")
    for odd in (new_id(), str(new_id()).upper(), "7", "x" * 3000):
        elsewhere = api.get(f"/api/v1/customer/{odd}/documents")
        refusal(elsewhere, 404, "CUSTOMER_NOT_FOUND")
    refusal(api.get(f"{place}/7"), 404, "NOT_FOUND")


def test_the_description_has_every_route_and_no_warning(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from drf_spectacular.generators import SchemaGenerator
    from drf_spectacular.validation import validate_schema

    schema = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(schema)
    said = capsys.readouterr()
    assert "Warning" not in said.err + said.out
    assert "Error" not in said.err
    operations = {
        operation["operationId"]
        for path in schema["paths"].values()
        for operation in path.values()
    }
    assert operations >= {
        "list_documents", "upload_document", "get_document", "download_document",
    }  # fmt: skip
