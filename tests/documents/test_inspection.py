"""Honest files pass, hostile ones are refused with the fact."""

import tracemalloc
from io import BytesIO

import pytest
from PIL import Image

from common.errors import DomainError
from documents.inspection import ALLOWED, FileRefused, inspect
from tests.documents.papers import (
    HTML,
    PROGRAM,
    SVG,
    archive,
    assemble,
    chunk,
    heic,
    huge_jpeg,
    huge_webp,
    pdf,
    picture,
    png_of,
    stream,
    thirsty_tiff,
    tiff_of,
)

TAKEN = "only PDF, JPEG, PNG, WEBP, TIFF, HEIC and CSV are taken"
PDF, JPEG, PNG = pdf(), picture("JPEG"), picture("PNG")
WEBP, TIFF = picture("WEBP"), picture("TIFF")
CSV = "name,amount\nMüller,12.50\n".encode()


def refusal(content: bytes, name: str) -> str:
    with pytest.raises(FileRefused) as caught:
        inspect(BytesIO(content), name=name)
    return caught.value.message


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "content_type"),
    [
        (PDF, "passport.pdf", "application/pdf"),
        (PDF, "passport", "application/pdf"),
        (PDF, "Statement 2024.01", "application/pdf"),
        (pdf(pages=3) + b"\r\n" + bytes(3000), "a.PDF", "application/pdf"),
        (JPEG, "a.jpg", "image/jpeg"),
        (JPEG, "a.JPEG", "image/jpeg"),
        (picture("JPEG", progressive=True), "a.jpg", "image/jpeg"),
        (JPEG + bytes(512), "padded.jpg", "image/jpeg"),
        (JPEG + b"\0\0" + JPEG, "hdr.jpg", "image/jpeg"),
        (JPEG + b"\0\0\1\x0anoteSEFHxxxxSEFT", "samsung.jpg", "image/jpeg"),
        (PNG, "a.png", "image/png"),
        (WEBP, "a.webp", "image/webp"),
        (picture("WEBP", lossless=True), "a.webp", "image/webp"),
        (picture("WEBP", icc_profile=b"profile"), "a.webp", "image/webp"),
        (TIFF, "a.tiff", "image/tiff"),
        (saved(Image.new("1", (99, 99)), "TIFF", compression="group4"), "a.tif",
         "image/tiff"),
        (heic(), "IMG_0001.HEIC", "image/heic"),
        (CSV, "a.csv", "text/csv"),
        (b"\xef\xbb\xbf" + CSV, "a.csv", "text/csv"),
        (b"BMI,weight\n1,2\n", "a.csv", "text/csv"),
        (b"a,b\n" + "ä,ß\n".encode() * 40_000, "a.csv", "text/csv"),
    ],
)  # fmt: skip
def test_honest_files_pass(content: bytes, name: str, content_type: str) -> None:
    file = BytesIO(content)
    file.seek(7)
    assert inspect(file, name=name) == content_type
    assert file.tell() == 0
    assert content_type in ALLOWED


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (PROGRAM, "passport.pdf",
         "“passport.pdf” says it is a PDF but is a Windows program."),
        (JPEG, "passport.pdf",
         "“passport.pdf” says it is a PDF but is a JPEG picture."),
        (PDF, "passport.exe", "“passport.exe” ends in .exe but is a PDF."),
        (PDF, "scan.jpg.", "“scan.jpg” says it is a JPEG picture but is a PDF."),
        (b"", "passport.pdf", "“passport.pdf” is empty."),
        (CSV, "notes.pdf", "“notes.pdf” says it is a PDF but is plain text."),
        (PROGRAM, "../\u202esetup.exe", f"“setup.exe” is a Windows program; {TAKEN}."),
    ],
)  # fmt: skip
def test_a_lie_is_refused_with_the_fact(
    content: bytes, name: str, sentence: str
) -> None:
    assert refusal(content, name) == sentence


def test_the_refusal_fits_form_and_api() -> None:
    with pytest.raises(DomainError) as caught:
        inspect(BytesIO(b""), name="a" * 300 + ".pdf")
    assert (caught.value.code, caught.value.field) == ("FILE_REFUSED", "file")
    assert len(caught.value.message) < 80
    assert "aa.pdf” is empty." in caught.value.message


@pytest.mark.parametrize(
    ("content", "fact"),
    [
        (b"\x7fELF\2\1\1" + bytes(60), "a Linux program"),
        (archive(), "a ZIP archive"),
        (archive(size=50_000_000), "a ZIP archive"),
        (archive(name="[Content_Types].xml"), "an Office file"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "an Office file"),
        (b"Rar!\x1a\x07\x01\0" + bytes(50), "a RAR archive"),
        (b"\x1f\x8b\x08\0" + bytes(50), "a GZIP archive"),
        (b"GIF89a\1\0\1\0\0\0\0\0;" + bytes(9), "a GIF picture"),
        (SVG, "an SVG picture"),
        (b"<?xml version='1.0'?>\n" + SVG, "an SVG picture"),
        (HTML, "an HTML page"),
        (b"\xef\xbb\xbf \n<HTML><body>", "an HTML page"),
        (b"<?php system($_GET['x']);", "a PHP script"),
        (b"#!/bin/sh\nrm -rf /\n", "a script"),
        (b"@echo off\r\ndel *.*\r\n", "a script"),
        (b"{\\rtf1 hello}", "an RTF document"),
        (b"%!PS-Adobe-3.0\n", "a PostScript program"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(50), "a film"),
        (b"\0\0\0\x1cftypavif\0\0\0\0mif1avif" + bytes(50), "an AVIF picture"),
        (b"\x01\x02\x03\x04 nothing anybody knows", "a file of a type nobody knows"),
        (b"BM\xff\x01\0\0\0\0" + bytes(40), "a file of a type nobody knows"),
        (b"hello, world\n", "plain text"),
        (b"%PDF 1.4\0", "a file of a type nobody knows"),
    ],
)
@pytest.mark.parametrize("name", ["a.pdf", "a.png", "a", "a.xyz"])
def test_what_is_not_on_the_list_is_named(content: bytes, fact: str, name: str) -> None:
    assert fact in refusal(content, name)


@pytest.mark.parametrize(
    ("content", "fact"),
    [
        (PDF + archive(), "has another file behind the PDF’s end"),
        (PDF + archive(comment=b"startxref 0 %%EOF"), "an archive hidden in it"),
        (PDF + HTML, "has another file behind"),
        (PDF + PROGRAM, "has another file behind"),
        (PDF + PDF, "has another file behind"),
        (PDF + b"a" * 2000, "has another file behind"),
        (PDF + b"a" * 200_000, "has another file behind"),
        (HTML + PDF, "in front of the PDF"),
        (bytes(5) + PDF, "in front of the PDF"),
        (b"\n" + PDF, "in front of the PDF"),
        (PROGRAM + PDF, "a Windows program"),
        (PDF[:-20], "damaged or cut off"),
        (b"%PDF-1.4\n*/alert(1)/*%%EOF", "damaged or cut off"),
        (pdf(extra=b"/OpenAction << /S /JavaScript /JS (x) >>"), "with JavaScript"),
        (pdf(extra=b"/OpenAction << /S /J#61v#61Script >>"), "with JavaScript"),
        (pdf(extra=b"/AA << /S /Launch /F (cmd.exe) >>"), "starts other programs"),
        (pdf(extra=b"/Names << /EmbeddedFiles 9 0 R >>"), "another file inside"),
        (pdf(extra=b"/Encrypt 9 0 R"), "locked with a password"),
        (pdf(extra=b"/#45ncrypt<<>>"), "locked with a password"),
        (assemble([b"<< >>", stream(b"7z\xbc\xaf\x27\x1c")]), "an archive hidden"),
    ],
)
def test_hostile_pdfs_are_refused(content: bytes, fact: str) -> None:
    assert fact in refusal(content, "a.pdf")


def test_nothing_hides_at_the_edge_of_a_window() -> None:
    for before in range(65_400, 65_540):
        padding = b"/x (" + b"a" * before + b")"
        content = pdf(extra=padding + b"/S /J#61v#61Script")
        assert "JavaScript" in refusal(content, "a.pdf")
        harmless = pdf(extra=padding + b"/EncryptMetadata true")
        assert inspect(BytesIO(harmless), name="a.pdf") == "application/pdf"


@pytest.mark.parametrize(
    ("content", "name", "fact"),
    [
        (JPEG + archive(), "a.jpg", "behind the end of the picture"),
        (JPEG + archive(comment=b"\xff\xd9"), "a.jpg", "behind the end"),
        (JPEG + archive(comment=b"SEFT"), "a.jpg", "an archive hidden"),
        (JPEG + bytes(100_000) + PROGRAM, "a.jpg", "behind the end"),
        (JPEG + bytes(100_000), "a.jpg", "behind the end"),
        (JPEG + HTML, "a.jpg", "behind the end"),
        (JPEG[:-2], "a.jpg", "damaged or cut off"),
        (JPEG[: len(JPEG) // 2], "a.jpg", "damaged or cut off"),
        (JPEG + JPEG[:300], "a.jpg", "damaged or cut off"),
        (JPEG[:2] + b"\xff\xd8" + JPEG[2:], "a.jpg", "damaged or cut off"),
        (b"\xff\xd8\xff\xd9", "a.jpg", "damaged or cut off"),
        (b"\xff\xd8" + b"\xff\xfe\0\2" * 20_000 + JPEG[2:], "a.jpg", "damaged"),
        (PNG + HTML, "a.png", "behind the end of the picture"),
        (PNG + archive(), "a.png", "behind the end"),
        (PNG[:-30], "a.png", "damaged or cut off"),
        (PNG[:60] + b"\0" + PNG[61:], "a.png", "damaged or cut off"),
        (png_of(60_000, 60_000), "a.png", "more than 100 million pixels"),
        (png_of(0, 5), "a.png", "damaged or cut off"),
        (PNG[:8] + chunk(b"tEXt", b"a") + PNG[8:], "a.png", "damaged"),
        (huge_jpeg(), "a.jpg", "more than 100 million pixels"),
        (huge_webp(), "a.webp", "more than 100 million pixels"),
        (WEBP + b"more", "a.webp", "behind the end"),
        (WEBP[:-4], "a.webp", "damaged or cut off"),
        (WEBP[:23] + bytes(7) + WEBP[30:], "a.webp", "damaged or cut off"),
        (TIFF[:40], "a.tif", "damaged or cut off"),
        (TIFF + archive(), "a.tif", "an archive hidden"),
        (tiff_of(60_000, 60_000), "a.tif", "more than 100 million pixels"),
        (thirsty_tiff(), "a.tif", "damaged or cut off"),
        (heic() + archive(), "a.heic", "damaged or cut off"),
        (heic()[:-5], "a.heic", "damaged or cut off"),
        (heic()[:24], "a.heic", "damaged or cut off"),
    ],
)
def test_hostile_pictures_are_refused(content: bytes, name: str, fact: str) -> None:
    assert fact in refusal(content, name)


def test_an_archive_in_a_comment_of_a_picture_is_found() -> None:
    package = archive()
    comment = b"\xff\xfe" + (len(package) + 2).to_bytes(2) + package
    assert "archive hidden" in refusal(JPEG[:2] + comment + JPEG[2:], "a.jpg")
    image = PNG[:-12] + chunk(b"teXt", package) + PNG[-12:]
    assert "archive hidden" in refusal(image, "a.png")


def test_four_bytes_by_accident_are_no_archive() -> None:
    chance = chunk(b"teXt", b"PK\x05\x06" + b"\x37\x91\x02" * 30)
    image = PNG[:-12] + chance + PNG[-12:]
    assert inspect(BytesIO(image), name="a.png") == "image/png"


@pytest.mark.parametrize(
    ("content", "fact"),
    [
        ("a,ü\n".encode("latin-1") * 9, "UTF-8"),
        ("a,b\n".encode("utf-16"), "is not UTF-8 text"),
        (CSV * 9000 + b"\0", "is not UTF-8 text"),
        (CSV * 9000 + b"\xff", "is not UTF-8 text"),
        (CSV * 9000 + "ü".encode()[:1], "is not UTF-8 text"),
        (b" \n" + SVG, "is an SVG picture"),
        (HTML, "is an HTML page"),
        (PROGRAM, "is a Windows program"),
        (PDF, "is a PDF"),
    ],
)
def test_what_is_no_csv(content: bytes, fact: str) -> None:
    assert fact in refusal(content, "a.csv")


def test_the_cap_and_the_memory() -> None:
    body = stream(b"a" * (24 * 1024**2))
    large = BytesIO(assemble([b"<< /Type /Catalog >>", body]))
    tracemalloc.start()
    try:
        assert inspect(large, name="a.pdf") == "application/pdf"
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 * 1024**2
    assert "larger than 25 MB" in refusal(bytes(25 * 1024**2 + 1), "a.pdf")
