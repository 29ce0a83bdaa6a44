"""Who may read, what is logged, and addresses that soon end."""

import time
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client

from common.errors import DomainError
from documents import storage
from documents.choices import Deed
from documents.downloads import address_of, readable_document
from documents.models import Document, DocumentAccess
from tenants.models import Tenant, User
from tests.conftest import MakeStaff
from tests.documents.conftest import SendDocument
from tests.documents.files import pdf


@pytest.fixture
def address(send: SendDocument, officer: User) -> str:
    return address_of(send(name="Ama’s pass/../port.pdf"), by=officer)


def body_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_the_file_comes_as_it_was_sent(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert body_of(answer) == pdf()
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert ".." not in unquote(answer["Content-Disposition"])
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]
    assert DocumentAccess.objects.get().deed == Deed.DOWNLOAD


def test_an_address_ends_after_a_minute(
    client: Client, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    for seconds, status in ((55, 200), (62, 403)):
        later = SimpleNamespace(time=lambda: now + seconds)  # noqa: B023
        monkeypatch.setattr("django.core.signing.time", later)
        assert client.get(address).status_code == status


def test_an_address_that_was_altered_is_refused(client: Client, address: str) -> None:
    token = address.rpartition("/")[2]
    place = token.index(":")
    swapped = "A" if token[3] != "A" else "B"
    for forged in (
        token[:3] + swapped + token[4:],
        token[:-1],
        token[:place],
        "x",
        "a" * 5000,
    ):
        assert client.get(f"/files/{forged}").status_code == 403
    assert client.post(address).status_code == 405


def test_a_token_for_something_else_is_no_address(client: Client) -> None:
    from django.core import signing

    token = signing.dumps(["documents/x", "x", "text/plain"], salt="another")
    assert client.get(f"/files/{token}").status_code == 403


def test_bytes_that_are_gone_are_not_found(
    client: Client, send: SendDocument, officer: User
) -> None:
    document = send()
    address = address_of(document, by=officer)
    storage.erase(document.key)
    assert client.get(address).status_code == 404


def test_another_institution_learns_nothing(
    send: SendDocument, make_staff: MakeStaff, second_bank: Tenant
) -> None:
    document = send()
    with pytest.raises(Http404):
        readable_document(
            make_staff("compliance_officer", tenant=second_bank), document.pk
        )
    assert not DocumentAccess.objects.exists()


def test_a_refusal_is_logged(
    send: SendDocument, make_staff: MakeStaff, demo_bank: Tenant
) -> None:
    administrator = make_staff("administrator", tenant=demo_bank)
    with pytest.raises(PermissionDenied):
        readable_document(administrator, send().pk)
    access = DocumentAccess.objects.get()
    assert (access.deed, access.reader) == (Deed.DENIED, administrator)


def test_what_is_not_stored_is_not_handed_out(
    send: SendDocument, officer: User
) -> None:
    document = send()
    Document.objects.filter(pk=document.pk).update(status="failed")
    with pytest.raises(DomainError, match="not stored yet"):
        readable_document(officer, document.pk)
    Document.objects.filter(pk=document.pk).update(status="deleted")
    with pytest.raises(DomainError, match="was deleted"):
        readable_document(officer, document.pk)
