"""Documents with a real bucket and a real scanner."""

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import requests
from django.conf import LazySettings
from django.core.files.storage import default_storage

from common.errors import DomainError
from config.stores import s3_store
from customers.registry.models import Customer
from documents import storage
from documents.choices import Kind, Scan, Status
from documents.downloads import address_of, readable_document
from documents.models import Document
from documents.services import Paper, delete_document, open_stored
from documents.uploads import upload_document
from tenants.models import User
from tests.conftest import Deliver, MakeCustomer, MakeStaff
from tests.documents.files import MB, pdf, upload
from tests.services.conftest import EXAMPLE, is_listening, require
from tests.services.faulty_line import FaultyLine

pytestmark = [pytest.mark.service, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def bucket(settings: LazySettings) -> Iterator[str]:
    """Keep files in the bucket of `make services`."""
    url = EXAMPLE.str("AWS_S3_ENDPOINT_URL")
    require("S3", is_listening(url))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        setattr(settings, name, EXAMPLE.str(name))
    settings.AWS_STORAGE_BUCKET_NAME = EXAMPLE.str("AWS_STORAGE_BUCKET_NAME")
    _use(settings, url)
    yield url
    _use(settings, url)
    for document in Document.objects.all():
        storage.erase(document.key)


def _use(settings: LazySettings, url: str) -> None:
    settings.AWS_S3_ENDPOINT_URL = url
    settings.STORAGES = {
        **settings.STORAGES, "default": s3_store(is_own_server=True),
    }  # fmt: skip


@pytest.fixture
def clerk(make_staff: MakeStaff) -> User:
    return make_staff("client_facing")


@pytest.fixture
def customer(make_customer: MakeCustomer) -> Customer:
    return make_customer()


@pytest.fixture
def send(customer: Customer, clerk: User) -> Any:
    def send_one(content: bytes, name: str = "passport.pdf") -> Document:
        paper = Paper(kind=Kind.ID)
        return upload_document(customer.pk, paper, upload(content, name), by=clerk)

    return send_one


def test_in_and_out_of_the_bucket(send: Any, clerk: User) -> None:
    content = pdf("Ama", size=9 * MB)
    document = send(content)
    assert document.status == Status.ACTIVE, document.error
    with open_stored(document) as file:
        assert file.read() == content
    answer = requests.get(address_of(document, by=clerk), timeout=10)
    assert answer.status_code == 200
    assert answer.content == content
    assert answer.headers["Content-Type"] == "application/pdf"
    said = answer.headers["Content-Disposition"]
    assert said.startswith("attachment") and "passport" in said


def test_the_bucket_is_private(send: Any, bucket: str) -> None:
    document = send(pdf())
    place = f"{bucket}/{EXAMPLE.str('AWS_STORAGE_BUCKET_NAME')}/{document.key}"
    assert requests.get(place, timeout=10).status_code == 403


def test_an_address_ends(
    send: Any, clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "SIGNED_URL_SECONDS", 2)
    address = address_of(send(pdf()), by=clerk)
    assert requests.get(address, timeout=10).status_code == 200
    time.sleep(3.1)
    assert requests.get(address, timeout=10).status_code == 403


def test_an_address_that_was_altered_is_refused(send: Any, clerk: User) -> None:
    mine, other = send(pdf()), send(pdf("Another"))
    address = address_of(mine, by=clerk)
    for forged in (
        address.replace(str(mine.pk), str(other.pk)),
        address.replace("Expires=60", "Expires=6000"),
        address.replace("attachment", "inline"),
        address[:-1] + ("0" if address[-1] != "0" else "1"),
    ):
        assert forged != address
        assert requests.get(forged, timeout=10).status_code == 403


def test_deleted_bytes_are_gone(send: Any, clerk: User, deliver: Deliver) -> None:
    document = send(pdf())
    address = address_of(document, by=clerk)
    delete_document(document.pk, reason="Wrong person", by=clerk)
    deliver()
    assert requests.get(address, timeout=10).status_code == 404
    assert not default_storage.exists(document.key)


def test_a_bucket_that_breaks_off_in_the_middle_loses_nothing(
    send: Any, settings: LazySettings, bucket: str, deliver: Deliver
) -> None:
    content = pdf("Kofi", size=6 * MB)
    with FaultyLine(bucket, breaks_after=2 * MB) as line:
        _use(settings, line.url)
        document = send(content)
        assert line.broke
    document.refresh_from_db()
    assert document.status == Status.FAILED
    deliver()
    document.refresh_from_db()
    assert document.status == Status.FAILED, "nobody listens there any more"
    _use(settings, bucket)
    deliver(hurry=True)
    document.refresh_from_db()
    assert document.status == Status.ACTIVE
    with closing(storage.fetch(document.key)) as file:
        assert file.read() == content


def test_malware_is_found_in_the_bucket(
    send: Any, settings: LazySettings, deliver: Deliver, clerk: User
) -> None:
    address = EXAMPLE.str("CLAMAV_ADDRESS")
    require("ClamAV", is_listening(f"tcp://{address}"))
    settings.CLAMAV_ADDRESS = address
    evil = (
        b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    )
    clean, infected = send(pdf()), send(evil, "list.csv")
    with pytest.raises(DomainError, match="waits for the malware scanner"):
        readable_document(clerk, clean.pk)
    deliver()
    assert readable_document(clerk, clean.pk).scan == Scan.CLEAN
    infected.refresh_from_db()
    assert infected.scan == Scan.INFECTED
    with pytest.raises(DomainError, match="nobody can open it"):
        readable_document(clerk, infected.pk)
