"""A store in a folder that can be down, officers, and exports as they are made."""

import csv
import io
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage
from pytest_django import Settings

from documents import storage
from exports.models import Export
from exports.services import build_export
from tenants.models import User
from tests.conftest import MakeStaff


class ShakyStore(FileSystemStorage):
    """A store that is down while the file `down` lies beside it."""

    def _refuse(self) -> None:
        if (Path(self.location).parent / "down").exists():
            raise OSError("no route to host")

    def _open(self, name: str, mode: str = "rb") -> object:
        self._refuse()
        return super()._open(name, mode)  # type: ignore[misc]

    def _save(self, name: str, content: object) -> str:
        self._refuse()
        return super()._save(name, content)  # type: ignore[misc,no-any-return]

    def delete(self, name: str) -> None:
        self._refuse()
        super().delete(name)


@pytest.fixture(autouse=True)
def store(settings: Settings, tmp_path: Path) -> Path:
    """Return the folder that stands for the store; nothing of it outlives the test."""
    folder = tmp_path / "store"
    backend = f"{ShakyStore.__module__}.{ShakyStore.__qualname__}"
    options = {"location": str(folder), "allow_overwrite": True}
    default = {"BACKEND": backend, "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    return folder


@pytest.fixture
def store_is_down(store: Path) -> Path:
    """Return the mark that keeps the store down until somebody removes it."""
    mark = store.parent / "down"
    mark.touch()
    return mark


@pytest.fixture
def officer(make_staff: MakeStaff) -> User:
    return make_staff("compliance_officer")


def made(export: Export) -> Export:
    build_export(export.pk)
    export.refresh_from_db()
    return export


def lines_of(export: Export) -> list[list[str]]:
    """Read the file as a spreadsheet does."""
    with storage.fetch(export.key) as file:
        text = file.read().decode("utf-8-sig" if export.has_mark else "utf-8")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))
