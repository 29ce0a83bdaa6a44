"""What the tests of dictionaries share: an administrator, addresses, files."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from customers.registry.dictionaries.entries import entries_of, version_of
from customers.registry.models import Dictionary, DictionaryEntry
from tenants.models import Tenant, User
from tests.conftest import ClientAs, MakeStaff

HEADING = "code,label,order,active\r\n"


@pytest.fixture
def administrator(make_staff: MakeStaff) -> User:
    return make_staff("administrator")


@pytest.fixture
def desk(administrator: User, client_as: ClientAs) -> Client:
    return client_as(administrator)


def address(name: str, dictionary: str = "industry") -> str:
    place = reverse(f"admin:registry_dictionaryentry_{name}")
    return f"{place}?dictionary={dictionary}"


def page(name: str, entry: DictionaryEntry) -> str:
    return reverse(f"admin:registry_dictionaryentry_{name}", args=[entry.pk])


def entries(tenant: Tenant, dictionary: Dictionary) -> dict[str, DictionaryEntry]:
    return {entry.code: entry for entry in entries_of(tenant, dictionary)[dictionary]}


def change(entry: DictionaryEntry, **said: Any) -> dict[str, Any]:
    """Fill in the form of an entry as it stands now."""
    return {"reason": "r", "version": version_of(entry), **said}


def csv_file(content: str | bytes, **said: Any) -> dict[str, Any]:
    """Fill in the import form as a browser sends it."""
    body = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile("list.csv", body, content_type="text/csv")
    return {"file": file, "reason": "A new list", **said}
