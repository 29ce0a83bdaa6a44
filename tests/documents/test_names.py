"""Names that browsers send, honest ones and others."""

import unicodedata
from uuid import UUID

import pytest
from django.utils.http import content_disposition_header
from hypothesis import given
from hypothesis import strategies as st

from documents.names import (
    ENDINGS,
    download_name,
    extension_of,
    original_name,
    sanitised_name,
    storage_key,
)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("passport.pdf", "passport.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\Passport.PDF", "Passport.PDF"),
        ("..\\..\\a/b.pdf", "b.pdf"),
        ("pass\0port.pdf", "passport.pdf"),
        ("pass\r\nport.pdf", "passport.pdf"),
        ("passport\u202efdp.exe", "passportfdp.exe"),
        ("re\u0301sume\u0301.pdf", "résumé.pdf"),
        ("evil.exe. . ", "evil.exe"),
        ("", "document"),
        ("..", "document"),
        ("../", "document"),
        ("\u202e\0", "document"),
        (".pdf", "document.pdf"),
        ("Kontoauszug 1.–31. März.pdf", "Kontoauszug 1.–31. März.pdf"),
        ("half \ud83d.pdf", "half.pdf"),
    ],
)
def test_the_original_name_is_what_a_person_would_read(sent: str, kept: str) -> None:
    assert original_name(sent) == kept


def test_a_long_name_keeps_its_extension() -> None:
    assert original_name("a" * 5000 + ".pdf") == "a" * 251 + ".pdf"
    assert original_name("." * 5000 + "a" * 5000) == ("." * 5000 + "a" * 5000)[:255]


@given(st.text(max_size=600))
def test_every_original_name_can_be_kept_and_shown(sent: str) -> None:
    name = original_name(sent)
    assert 1 <= len(name) <= 255
    assert name.strip()
    assert not set(name) & set("/\\")
    assert unicodedata.is_normalized("NFC", name)
    assert not {unicodedata.category(c) for c in name} & {"Cc", "Cf", "Cs"}
    assert original_name(name) == name


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        ("a.PDF", ".pdf"),
        ("a.tar.gz", ".gz"),
        ("a.7z", ".7z"),
        ("Statement 2024.01", ""),
        ("Letter of Dr. Mensah", ""),
        ("passport", ""),
    ],
)
def test_what_is_an_extension(name: str, extension: str) -> None:
    assert extension_of(name) == extension


@pytest.mark.parametrize(
    ("name", "sanitised"),
    [
        ("passport.pdf", "passport-pdf"),
        ("Reçu d’impôt (2).pdf", "Reçu-d-impôt-2-pdf"),
        ("a_b__c", "a-b-c"),
        ("a--b", "a--b"),
        ("护照 扫描.jpg", "护照-扫描-jpg"),
        ("हिन्दी.pdf", "हिन्दी-pdf"),
        ("²½.", "document"),
        ("---", "document"),
        ("", "document"),
        ("x'; DROP TABLE", "x-DROP-TABLE"),
    ],
)
def test_the_sanitised_name(name: str, sanitised: str) -> None:
    assert sanitised_name(name) == sanitised


@given(st.text(max_size=300))
def test_every_sanitised_name_is_letters_digits_and_hyphens(name: str) -> None:
    made = sanitised_name(name)
    assert 1 <= len(made) <= 120
    assert made.strip("-")
    assert sanitised_name(made) == made
    for character in made:
        assert character == "-" or unicodedata.category(character)[0] in "LMN"
    # What was a letter is still there, as long as there is room.
    letters = [c for c in unicodedata.normalize("NFC", name) if c.isalpha()]
    if letters and len(name) < 60:
        assert [c for c in made if c.isalpha()] == letters


def test_the_key_holds_nothing_of_the_senders() -> None:
    number = UUID("01980000-0000-7000-8000-000000000001")
    folder = f"documents/customer_document/{number}"
    assert storage_key(number, "application/pdf") == f"{folder}.pdf"
    assert storage_key(number, "text/csv") == f"{folder}.csv"
    assert storage_key(number, "image/png") == folder


@pytest.mark.parametrize(
    ("sanitised", "content_type", "offered"),
    [
        ("passport-pdf", "application/pdf", "passport.pdf"),
        ("scan-JPEG", "image/jpeg", "scan.jpg"),
        ("scan-exe", "image/png", "scan-exe.png"),
        ("-rf-pdf", "application/pdf", "rf.pdf"),
        ("CON", "text/csv", "document-CON.csv"),
        ("a", "text/html", "a.bin"),
        ('a"\r\nSet-Cookie: x', "application/pdf", "a-Set-Cookie-x.pdf"),
        ("", "application/pdf", "document.pdf"),
        ("pdf", "application/pdf", "pdf.pdf"),
    ],
)
def test_the_name_under_which_it_is_handed_out(
    sanitised: str, content_type: str, offered: str
) -> None:
    assert download_name(sanitised, content_type) == offered


@given(st.text(max_size=300), st.sampled_from(sorted(ENDINGS)))
def test_every_download_name_fits_a_header(name: str, content_type: str) -> None:
    offered = download_name(sanitised_name(name), content_type)
    assert offered.endswith(ENDINGS[content_type][0])
    assert not set(offered) & set('"\\/;\r\n\0')
    assert not offered.startswith(("-", "."))
    header = content_disposition_header(as_attachment=True, filename=offered)
    assert header is not None
    assert header.isascii()
