"""A store in a folder that can be down, documents in it, and packs as they are made."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar, Protocol
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from pytest_django import Settings

from customers.registry.models import Customer
from documents import storage
from documents.models import Document
from documents.services import Paper, Received, receive_document, record_stored
from evidence import chapters
from evidence.models import EvidencePack
from evidence.services import build_pack, request_pack
from tenants.models import User
from tests.conftest import MakeCustomer, MakeStaff

REASON = "Central bank, reference 2026/114"
PDF = b"%PDF-1.4 nothing much"


class ShakyStore(FileSystemStorage):
    """A store that is down while the file `down` lies beside it.

    What a test puts into `meanwhile` happens while the next file is stored.
    """

    meanwhile: ClassVar[list[Callable[[], object]]] = []

    def _refuse(self) -> None:
        if (Path(self.location).parent / "down").exists():
            raise OSError("no route to host")

    def _open(self, name: str, mode: str = "rb") -> Any:
        self._refuse()
        return super()._open(name, mode)  # type: ignore[misc]

    def _save(self, name: str, content: Any) -> str:
        self._refuse()
        while self.meanwhile:
            self.meanwhile.pop()()
        return super()._save(name, content)  # type: ignore[misc,no-any-return]

    def delete(self, name: str) -> None:
        self._refuse()
        super().delete(name)


class BucketStore(ShakyStore):
    """A store that hands out addresses of its own, as S3 does."""

    bucket_name = "papers"

    def url(  # type: ignore[override]
        self, name: str, parameters: dict[str, str], expire: int
    ) -> str:
        query = urlencode({**parameters, "expire": expire})
        return f"https://papers.bucket.example/{name}?{query}"


@pytest.fixture(autouse=True)
def store(settings: Settings, tmp_path: Path) -> Path:
    """Return the folder that stands for the store; nothing of it outlives the test."""
    folder = tmp_path / "store"
    use_store(settings, ShakyStore, folder)
    assert str(default_storage.location) == str(folder)  # type: ignore[attr-defined]
    return folder


def use_store(settings: Settings, store: type[ShakyStore], folder: Path) -> None:
    backend = f"{store.__module__}.{store.__qualname__}"
    options = {"location": str(folder), "allow_overwrite": True}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": backend, "OPTIONS": options},
    }


@pytest.fixture
def store_is_down(store: Path) -> Path:
    """Return the mark that keeps the store down until somebody removes it."""
    mark = store.parent / "down"
    mark.touch()
    return mark


@pytest.fixture
def officer(make_staff: MakeStaff) -> User:
    return make_staff("compliance_officer")


@pytest.fixture
def customer(make_customer: MakeCustomer) -> Customer:
    return make_customer(name="Ama Serwaa Mensah")


class AddDocument(Protocol):
    def __call__(
        self, content: bytes = PDF, *, name: str = "passport.pdf", **changed: Any
    ) -> Document: ...


@pytest.fixture
def add_document(customer: Customer, officer: User) -> AddDocument:
    """File a document by the real commands; `changed` are columns set afterwards."""

    def add(
        content: bytes = PDF, *, name: str = "passport.pdf", **changed: Any
    ) -> Document:
        digest = hashlib.sha256(content).hexdigest()
        file = Received(
            name=name, size=len(content), sha256=digest, content_type="application/pdf"
        )
        paper = Paper(kind="id", id_type="passport")
        document, _ = receive_document(customer.pk, paper, file, by=officer)
        storage.put(document.key, io.BytesIO(content))
        record_stored(document.pk, by=officer)
        Document.objects.filter(pk=document.pk).update(**changed or {"name": name})
        document.refresh_from_db()
        return document

    return add


def ask(customer: Customer, by: User, reason: str = REASON) -> EvidencePack:
    return request_pack(customer.pk, pack_id=uuid4(), reason=reason, by=by)


def made(pack: EvidencePack) -> EvidencePack:
    build_pack(pack.pk)
    pack.refresh_from_db()
    return pack


class Opened:
    """A pack as an examiner opens it."""

    def __init__(self, pack: EvidencePack) -> None:
        self.raw = storage.fetch(pack.key).read()
        self.zip = zipfile.ZipFile(io.BytesIO(self.raw))
        self.names = self.zip.namelist()

    def read(self, path: str) -> bytes:
        return self.zip.read(path)

    def json(self, path: str) -> Any:
        return json.loads(self.read(path))

    @property
    def manifest(self) -> Any:
        return self.json("manifest.json")


@pytest.fixture
def own_chapters() -> Iterator[dict[str, chapters.Chapter]]:
    """Let a test put chapters of its own on the board; they go with it."""
    known = dict(chapters._chapters)
    yield chapters._chapters
    chapters._chapters.clear()
    chapters._chapters.update(known)
