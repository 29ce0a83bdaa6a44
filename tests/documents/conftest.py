"""A store of the test's own, one that can be broken, and people with documents."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage

from customers.registry.models import Customer
from documents.choices import Kind
from documents.models import Document
from documents.services import Paper
from documents.uploads import upload_document
from tenants.models import Tenant, User
from tests.conftest import MakeCustomer, MakeStaff
from tests.documents.files import pdf, upload


class SendDocument(Protocol):
    def __call__(
        self, content: bytes | None = None, name: str = ..., *,
        customer: Customer = ..., by: User = ..., **paper: Any,
    ) -> Document: ...  # fmt: skip


@pytest.fixture(autouse=True)
def files_folder(tmp_path: Path, settings: LazySettings) -> Path:
    """Keep files in a folder of the test."""
    settings.MEDIA_ROOT = str(tmp_path / "files")
    return tmp_path / "files"


@pytest.fixture
def break_store(files_folder: Path) -> Iterator[Callable[[], Callable[[], None]]]:
    """Make the store refuse; what is returned mends it.

    A file stands where the folder should be, which stops the superuser too.
    """
    place = files_folder / "documents"

    def mend() -> None:
        if place.is_file():
            place.unlink()

    def break_it() -> Callable[[], None]:
        files_folder.mkdir(exist_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        place.write_text("in the way")
        return mend

    yield break_it
    mend()


@pytest.fixture
def clerk(make_staff: MakeStaff, demo_bank: Tenant) -> User:
    return make_staff("client_facing", tenant=demo_bank)


@pytest.fixture
def officer(make_staff: MakeStaff, demo_bank: Tenant) -> User:
    return make_staff("compliance_officer", tenant=demo_bank)


@pytest.fixture
def customer(make_customer: MakeCustomer, demo_bank: Tenant) -> Customer:
    return make_customer(tenant=demo_bank)


@pytest.fixture
def send(customer: Customer, clerk: User) -> SendDocument:
    """Send a document the way every entry point does."""

    def send_one(
        content: bytes | None = None, name: str = "passport.pdf", *,
        customer: Customer = customer, by: User = clerk, **paper: Any,
    ) -> Document:  # fmt: skip
        asked = Paper(**({"kind": Kind.ID} | paper))
        content = pdf() if content is None else content
        return upload_document(customer.pk, asked, upload(content, name), by=by)

    return send_one


def stored_bytes(document: Document) -> bytes:
    with default_storage.open(document.key) as file:
        return bytes(file.read())
