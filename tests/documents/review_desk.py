"""What the tests of the review desk share: who sits there, and what is read."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from documents.choices import Kind
from documents.models import Document
from tenants.models import User
from tests.conftest import ClientAs
from tests.documents.conftest import SendDocument
from tests.documents.files import pdf

ACCEPT = {"decision": "accept"}
REJECT = {"decision": "reject", "reason": "unreadable"}
READERS = {
    "client_facing", "teller", "senior_manager", "governing_body", "auditor",
    "compliance_officer",
}  # fmt: skip
QUEUE = "/admin/documents/document/review/"


def place_of(document: Document, deed: str = "review_one") -> str:
    return reverse(f"admin:documents_{deed}", args=[document.pk])


def text_of(answer: Any) -> str:
    """What a reader sees: no tags, one space."""
    shown = re.sub(r"<(style|script).*?</\1>|<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", shown.replace("&#x27;", "'"))


def review_of(document: Document) -> tuple[str, str]:
    row = Document.objects.get(pk=document.pk)
    return row.review, row.review_reason


@pytest.fixture
def desk(officer: User, client_as: ClientAs) -> Client:
    return client_as(officer)


@pytest.fixture
def three(send: SendDocument) -> list[Document]:
    """Three that wait; the one sent last came first."""
    now = timezone.now()
    sent = [
        send(pdf(str(hours)), f"n{hours}.pdf", kind=kind)
        for hours, kind in ((1, Kind.ID), (2, Kind.ADDRESS_PROOF), (3, Kind.OTHER))
    ]
    for hours, document in enumerate(sent, start=1):
        row = Document.objects.filter(pk=document.pk)
        row.update(uploaded_at=now - timedelta(hours=hours))
    return [Document.objects.get(pk=document.pk) for document in reversed(sent)]
