"""The first sheet of a pack: who, what is inside, counts and hashes, as a PDF."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from fpdf import FPDF
from fpdf.enums import WrapMode, XPos, YPos

from common.text import clean
from evidence.archive import Written

# Inter 4.001 of the Inter Project Authors, cut to Latin, Greek and Cyrillic; its
# licence lies beside it. Other scripts are in the JSON, the sheet shows “?”.
FONT = Path(__file__).parent / "fonts" / "Inter.ttf"
# A sheet is for people: who has more entries than this checks the manifest.
MOST_ENTRIES = 1_000
LONGEST_WORDS = 500  # characters of one line
_KILO = 1024
# It tells every letter it keeps of the font: those are letters of customers' names.
logging.getLogger("fontTools").setLevel(logging.WARNING)


@dataclass(frozen=True)
class Section:
    """A chapter as the sheet tells it."""

    title: str
    entries: list[Written]


def write_summary(
    title: str, facts: list[tuple[str, str]], sections: list[Section], *, at: datetime
) -> bytes:
    """Return the PDF; what the font cannot draw becomes “?”."""
    sheet = _Sheet(at)
    sheet.line(title, size=18)
    sheet.gap(2)
    for caption, words in facts:
        sheet.fact(caption, words)
    left = MOST_ENTRIES
    for section in sections:
        shown = section.entries[:left]
        left -= len(shown)
        _write_section(sheet, section, shown)
    return sheet.bytes()


def _write_section(sheet: "_Sheet", section: Section, shown: list[Written]) -> None:
    sheet.gap(4)
    sheet.line(f"{section.title} ({counted(len(section.entries), 'file')})", size=13)
    for entry in shown:
        for caption, words in entry.summary:
            sheet.fact(caption, words)
    for entry in shown:
        sheet.gap(1)
        sheet.line(f"{entry.path}, {_size_of(entry)}", size=9)
        sheet.line(f"SHA-256 {entry.sha256}", size=7, is_faint=True)
    if more := len(section.entries) - len(shown):
        sheet.line(f"{more} more, listed in manifest.json.", size=9)


def _size_of(entry: Written) -> str:
    size = size_words(entry.size)
    return size if entry.rows is None else f"{counted(entry.rows, 'row')}, {size}"


def counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def size_words(size: int) -> str:
    """Write a number of bytes as people do: `1.4 MB`."""
    amount, unit = float(size), "bytes"
    for larger in ("KB", "MB", "GB", "TB"):
        if amount < _KILO:
            break
        amount, unit = amount / _KILO, larger
    return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"


class _Sheet:
    """A4, one column, one font."""

    _FACT_WIDTH = 42  # mm of a caption

    def __init__(self, at: datetime) -> None:
        self._pdf = FPDF(format="A4")
        self._pdf.set_creation_date(at)
        self._pdf.set_margin(18)
        self._pdf.set_auto_page_break(auto=True, margin=18)
        self._pdf.add_font("inter", fname=FONT)
        font: Any = self._pdf.fonts["inter"]
        self._drawn: set[int] = set(font.cmap)
        self._pdf.add_page()

    def line(self, words: str, *, size: int = 10, is_faint: bool = False) -> None:
        self._pdf.set_font("inter", size=size)
        self._pdf.set_text_color(110 if is_faint else 20)
        # Nothing breaks a hash or a path but its letters.
        self._pdf.multi_cell(
            0, size * 0.5, self._drawable(words), align="L", wrapmode=WrapMode.CHAR,
            new_x=XPos.LMARGIN, new_y=YPos.NEXT,
        )  # fmt: skip

    def fact(self, caption: str, words: str) -> None:
        self._pdf.set_font("inter", size=10)
        self._pdf.set_text_color(110)
        self._pdf.cell(self._FACT_WIDTH, 5, self._drawable(caption))
        self._pdf.set_text_color(20)
        self._pdf.multi_cell(
            0, 5, self._drawable(words) or "–", align="L",
            new_x=XPos.LMARGIN, new_y=YPos.NEXT,
        )  # fmt: skip

    def gap(self, height: float) -> None:
        self._pdf.ln(height)

    def bytes(self) -> bytes:
        return bytes(self._pdf.output())

    def _drawable(self, text: str) -> str:
        return "".join(self._drawable_letters(" ".join(clean(text).split())))

    def _drawable_letters(self, text: str) -> Iterator[str]:
        for letter in text[:LONGEST_WORDS]:
            yield letter if ord(letter) in self._drawn else "?"
