"""The preview: pages as pictures, tables as text, and one sentence for the rest."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from documents.choices import Deed, Kind, Scan
from documents.models import Document, DocumentAccess
from tenants.models import User
from tests.conftest import ClientAs, MakeStaff
from tests.documents import papers
from tests.documents.conftest import SendDocument
from tests.documents.files import pdf, picture

pytestmark = pytest.mark.django_db


def place_of(document: Document) -> str:
    return reverse("admin:documents_preview", args=[document.pk])


def looks(document: Document) -> int:
    rows = DocumentAccess.objects.filter(document=document, deed=Deed.PREVIEW)
    return rows.count()


@pytest.fixture
def desk(officer: User, client_as: ClientAs) -> Client:
    return client_as(officer)


def test_a_page_comes_as_a_picture_that_can_do_nothing(
    desk: Client, send: SendDocument
) -> None:
    answer = desk.get(place_of(send()), {"page": "1"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Pages"] == "1"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert "no-store" in answer.headers["Cache-Control"]
    assert Image.open(BytesIO(answer.content)).width == 1200


@pytest.mark.parametrize(
    ("asked", "width"),
    [({"width": "2400"}, 2400), ({"width": "99999"}, 1200), ({"width": "-1"}, 1200)],
)
def test_there_are_two_widths(
    asked: dict[str, str], width: int, desk: Client, send: SendDocument
) -> None:
    answer = desk.get(place_of(send()), asked)
    assert Image.open(BytesIO(answer.content)).width == width


def test_every_page_can_be_asked_for(desk: Client, send: SendDocument) -> None:
    document = send(papers.pdf(pages=3), "three.pdf")
    answers = {
        page: desk.get(place_of(document), {"page": page})
        for page in ("1", "2", "3", "4", "0", "-1", "x", "²", "9" * 40)
    }
    assert {answer.headers["X-Pages"] for answer in answers.values()} == {"3"}
    pages = {page: answer.content for page, answer in answers.items()}
    assert len({pages["1"], pages["2"], pages["3"]}) == 3
    assert pages["4"] == pages["3"]
    assert {pages[page] for page in ("0", "-1", "x", "²", "9" * 40)} == {pages["1"]}


def test_a_table_is_text(desk: Client, send: SendDocument) -> None:
    rows = b"Day,What\n2026-01-01,<script>alert(1)</script>\n2026-01-02,=cmd\n"
    answer = desk.get(place_of(send(rows, "a.csv", kind=Kind.INCOME_PROOF)))
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert b"<td>&lt;script&gt;alert(1)&lt;/script&gt;</td>" in answer.content
    assert b"<script" not in answer.content
    assert b'<th scope="col">Day</th>' in answer.content


@pytest.mark.parametrize(
    ("scan", "sentence"),
    [
        (Scan.WAITING, "waits for the malware scanner"),
        (Scan.INFECTED, "Malware was found"),
    ],
)
def test_nothing_is_drawn_before_it_is_clean(
    scan: str, sentence: str, desk: Client, send: SendDocument
) -> None:
    document = send()
    Document.objects.filter(pk=document.pk).update(scan=scan)
    answer = desk.get(place_of(document))
    assert answer.status_code == 503
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert sentence in answer.content.decode()
    page = desk.get(reverse("admin:documents_review_one", args=[document.pk]))
    assert sentence in page.content.decode()
    assert place_of(document).encode() not in page.content
    assert not looks(document)


def test_a_file_that_breaks_the_drawing_is_a_sentence(
    desk: Client, send: SendDocument
) -> None:
    document = send(pdf())
    Document.objects.filter(pk=document.pk).update(content_type="image/png")
    answer = desk.get(place_of(document))
    assert answer.status_code == 422
    assert "A preview is not possible: the file is damaged." in answer.content.decode()
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")


def test_a_type_without_a_picture_is_a_sentence(
    desk: Client, send: SendDocument
) -> None:
    document = send(picture(), "me.png")
    Document.objects.filter(pk=document.pk).update(content_type="image/heic")
    answer = desk.get(place_of(document))
    assert answer.status_code == 422
    assert "download it" in answer.content.decode()


def test_a_store_that_is_down_is_a_sentence(
    desk: Client, send: SendDocument, break_store: Any
) -> None:
    document = send()
    break_store()
    answer = desk.get(place_of(document))
    assert answer.status_code == 503
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert not looks(document)


def test_leafing_is_one_look_an_hour_for_each_person(
    desk: Client, send: SendDocument, make_staff: MakeStaff, client_as: ClientAs
) -> None:
    document = send(papers.pdf(pages=2), "two.pdf")
    for page in (1, 2, 1):
        desk.get(place_of(document), {"page": page})
    assert looks(document) == 1
    client_as(make_staff("auditor")).get(place_of(document))
    assert looks(document) == 2
    for row in DocumentAccess.objects.all():
        row.read_at -= timedelta(minutes=61)
        row.save()
    desk.get(place_of(document))
    assert looks(document) == 3


def test_who_may_not_look_is_refused_and_that_is_logged(
    send: SendDocument, make_staff: MakeStaff, client_as: ClientAs
) -> None:
    document = send()
    administrator = make_staff("administrator")
    assert client_as(administrator).get(place_of(document)).status_code == 403
    row = DocumentAccess.objects.get(document=document)
    assert (row.reader, row.deed) == (administrator, Deed.DENIED)


def test_a_preview_is_only_ever_asked_for(desk: Client, send: SendDocument) -> None:
    assert desk.post(place_of(send())).status_code == 405
