"""The ZIP and the sheet: safe paths, honest hashes, nothing whole in memory."""

import hashlib
import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path, PureWindowsPath
from uuid import UUID

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.archive import Archive, Written
from evidence.chapters import Entry, is_safe_path, safe_name
from evidence.summary import MOST_ENTRIES, Section, size_words, write_summary

AT = datetime(2026, 11, 12, 10, 12, 30, tzinfo=UTC)
MEGABYTE = 1024 * 1024


def archive_in(file: io.BytesIO) -> Archive:
    return Archive(file, at=AT, tell=lambda: None)


def text_of(sheet: bytes) -> str:
    pages = pypdfium2.PdfDocument(sheet)
    return "\n".join(page.get_textpage().get_text_range() for page in pages)


def test_every_entry_is_hashed_as_it_is_unpacked() -> None:
    file = io.BytesIO()
    archive = archive_in(file)
    archive.add(Entry(path="files/a.bin", content=[b"one", b"", b"two"]), folder="x")
    rows = [{"name": "Zoë", "on": date(2026, 1, 2), "at": AT, "sum": Decimal("1.20")}]
    archive.add(Entry(path="b.json", rows=rows), folder="x")
    archive.close()
    unpacked = zipfile.ZipFile(file)
    assert unpacked.namelist() == ["x/files/a.bin", "x/b.json"]
    for written in archive.written:
        content = unpacked.read(written.path)
        assert len(content) == written.size
        assert hashlib.sha256(content).hexdigest() == written.sha256
    assert unpacked.read("x/files/a.bin") == b"onetwo"
    assert json.loads(unpacked.read("x/b.json")) == [
        {"name": "Zoë", "on": "2026-01-02", "at": AT.isoformat(), "sum": "1.20"}
    ]
    assert [each.rows for each in archive.written] == [None, 1]


def test_the_same_entries_are_the_same_bytes() -> None:
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        archive = archive_in(file)
        archive.add(Entry(path="a.json", rows=[{"b": 1}]))
        archive.close()
    assert files[0].getvalue() == files[1].getvalue()


def test_no_rows_are_an_empty_array() -> None:
    file = io.BytesIO()
    archive = archive_in(file)
    archive.add(Entry(path="a.json", rows=[]))
    archive.close()
    assert json.loads(zipfile.ZipFile(file).read("a.json")) == []


def test_half_a_character_does_not_stop_it() -> None:
    file = io.BytesIO()
    archive = archive_in(file)
    archive.add(Entry(path="a.json", rows=[{"said": "a\ud800\x00b"}]))
    archive.close()
    rows = json.loads(zipfile.ZipFile(file).read("a.json"))
    assert rows == [{"said": "a\ud800\x00b"}]


def test_what_is_unknown_to_json_is_an_error_not_a_guess() -> None:
    archive = archive_in(io.BytesIO())
    with pytest.raises(TypeError, match="Path"):
        archive.add(Entry(path="a.json", rows=[{"what": Path()}]))


@pytest.mark.parametrize(
    "path",
    [
        "", "/etc/passwd", "../up", "a/../b", "a/./b", "a//b", "a/", "C:/x", "a\\b",
        "a\x00b", "a\nb", "Ā", "a/.hidden", "a.", "a b", "con", "NUL.json",
        "a/com1.txt", "x" * 181, "a:stream", "~root/x?",
    ],
)  # fmt: skip
def test_a_path_that_may_do_harm_is_refused(path: str) -> None:
    assert not is_safe_path(path)
    with pytest.raises(ValueError, match="Not a path"):
        Entry(path=path, rows=[])


def test_two_entries_of_one_name_are_refused() -> None:
    archive = archive_in(io.BytesIO())
    archive.add(Entry(path="a.json", rows=[]))
    with pytest.raises(ValueError, match=r"A\.JSON"):
        archive.add(Entry(path="A.JSON", rows=[]))


def test_an_entry_has_content_or_rows() -> None:
    with pytest.raises(ValueError, match="not both"):
        Entry(path="a")
    with pytest.raises(ValueError, match="not both"):
        Entry(path="a", rows=[], content=[])


@given(st.text(max_size=300))
def test_whatever_a_name_is_it_stays_in_the_folder(text: str) -> None:
    name = f"0001-{safe_name(text)}".rstrip("-")
    assert is_safe_path(f"documents/files/{name}.pdf")
    assert PureWindowsPath(name).name == name
    assert len(name) <= 65


def test_a_large_document_is_never_whole_in_memory(tmp_path: Path) -> None:
    chunk = bytes(range(256)) * 4096  # 1 MB

    def chunks() -> Iterator[bytes]:
        for _ in range(300):
            yield bytes(chunk)

    def rows() -> Iterator[dict[str, object]]:
        for number in range(60_000):
            yield {"id": UUID(int=number), "text": "x" * 500}

    with (tmp_path / "pack.zip").open("w+b") as file:
        tracemalloc.start()
        archive = Archive(file, at=AT, tell=lambda: None)
        document = archive.add(Entry(path="a.bin", content=chunks()))
        table = archive.add(Entry(path="b.json", rows=rows()))
        archive.close()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert document.size == 300 * MEGABYTE
    assert table.size > 30 * MEGABYTE
    assert peak < 8 * MEGABYTE, f"{peak / MEGABYTE:.1f} MB"


def test_whoever_waits_hears_of_every_chunk() -> None:
    heard: list[int] = []
    archive = Archive(io.BytesIO(), at=AT, tell=lambda: heard.append(1))
    archive.add(Entry(path="a", content=[b"1", b"2", b"3"]))
    assert len(heard) == 3


# --- the sheet ---------------------------------------------------------------------
def a_file(number: int = 1) -> Written:
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    return Written(path=f"x/{number:04}-passport.pdf", size=1400, sha256=digest)


def test_the_sheet_says_who_what_and_every_hash() -> None:
    facts = [("Customer", "Ama Mensah"), ("Why", "Reference 7")]
    entry = Written(
        path="x/list.json", size=2, sha256="ab" * 32, rows=1_234,
        summary=(("Relationship", "Active"),),
    )  # fmt: skip
    sheet = write_summary(
        "Evidence", facts, [Section("Documents", [a_file(), entry])], at=AT
    )
    text = text_of(sheet)
    for said in ("Ama Mensah", "Reference 7", "Documents (2 files)", "1,234 rows",
                 "x/0001-passport.pdf", "ab" * 32, a_file().sha256,
                 "Active"):  # fmt: skip
        assert said in text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Αλέξης Жуков Ɛsi Nguyễn", "Αλέξης Жуков Ɛsi Nguyễn"),
        ("محمد 王小明 🙂", "???? ??? ?"),
        ("A\x00\u202eB\nC\ud800", "AB C"),
        ("x" * 5_000, "x" * 60),
        ("", "–"),
        ("<b>**bold**</b> \\ %PDF (", "<b>**bold**</b> \\ %PDF ("),
    ],
)
def test_no_name_stops_the_sheet(name: str, shown: str) -> None:
    sheet = write_summary(name, [("Customer", name)], [], at=AT)
    assert shown in text_of(sheet)


def test_a_sheet_of_very_many_files_points_to_the_manifest() -> None:
    many = [a_file(number) for number in range(MOST_ENTRIES + 7)]
    text = text_of(write_summary("All", [], [Section("Documents", many)], at=AT))
    assert "7 more, listed in manifest.json." in text
    assert f"({MOST_ENTRIES + 7:,} files)" in text


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1.0 KB"), (1_468_006, "1.4 MB")],
)
def test_sizes_in_words(size: int, words: str) -> None:
    assert size_words(size) == words
