"""Plain specimens, so that a demo has documents without effort."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from kyc.sandbox.images.files import words_for
from kyc.sandbox.models import SandboxApplicant

_INK, _GREY, _RED = "#1b2a3a", "#5c6b7a", "#b3261e"
_CARD, _PAPER = (860, 600), (1240, 1754)  # pixels: a passport page; A4 at 150 dpi
_LONGEST = 44  # letters of a value that fit in one line

# Letters that do not come apart into a plain one and an accent (ICAO 9303, part 3).
_LETTERS = str.maketrans(
    {"Ø": "O", "ø": "o", "Ł": "L", "ł": "l", "Æ": "AE", "æ": "ae", "ß": "ss",
     "Đ": "D", "đ": "d", "Œ": "OE", "œ": "oe", "Þ": "TH", "þ": "th", "ı": "i"}
)  # fmt: skip

Lines = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Specimen:
    """A drawn document: file name, kind (idDocType:idDocSubType) and bytes."""

    name: str
    kind: str
    content: bytes


def draw_specimen(applicant: SandboxApplicant) -> Specimen:
    """Draw a passport page for a person, a register extract for a company."""
    if applicant.is_company:
        return _register_extract(applicant)
    return _identity_document(applicant)


def _identity_document(applicant: SandboxApplicant) -> Specimen:
    told = {**applicant.stated, **_first(applicant.found.get("idDocs"))}
    document_type = _word(told.get("idDocType")).upper() or "PASSPORT"
    first, last = _word(told.get("firstName")), _word(told.get("lastName"))
    number = _word(told.get("number")) or "X0000000"
    lines = [
        ("Surname", last or _word(applicant.name)),
        ("Given names", first),
        ("Document number", number),
        ("Nationality", _word(told.get("nationality"))),
        ("Date of birth", _word(told.get("dob"))),
        ("Date of expiry", _word(told.get("validUntil"))),
    ]
    side = "FRONT_SIDE" if document_type in {"ID_CARD", "DRIVERS"} else ""
    title = words_for(document_type, "").upper()
    content = _card(title, lines, _machine_line(last, first, number))
    kind = f"{document_type[:64]}:{side}" if side else document_type[:64]
    return Specimen(f"{document_type.lower()[:64]}-specimen.png", kind, content)


def _register_extract(applicant: SandboxApplicant) -> Specimen:
    company = applicant.company
    lines = [
        ("Company", _word(applicant.name)),
        ("Registration number", _word(company.get("registrationNumber"))),
        ("Country", _word(company.get("country"))),
        ("Registered office", _word(company.get("legalAddress"))),
        ("Status", "Active"),
    ]
    return Specimen(
        "register-extract-specimen.pdf", "COMPANY_DOC:STATE_REGISTRY", _paper(lines)
    )


def _card(title: str, lines: Lines, machine_line: str) -> bytes:
    picture = Image.new("RGB", _CARD, "#eef2ea")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((12, 12, 847, 587), outline=_GREY, width=2)
    pen.text((40, 32), title, fill=_INK, font=_font(34))
    pen.rectangle((40, 100, 270, 390), fill="#d5dcd8", outline=_GREY)
    pen.ellipse((110, 145, 200, 255), fill=_GREY)
    pen.pieslice((70, 275, 240, 505), 180, 360, fill=_GREY)
    _write(pen, lines, left=310, top=100, step=62, size=22)
    pen.text((40, 520), machine_line, fill=_INK, font=_font(24))
    _stamp(picture, size=120, place=(120, 230))
    return _saved(picture, "PNG")


def _paper(lines: Lines) -> bytes:
    picture = Image.new("RGB", _PAPER, "white")
    pen = ImageDraw.Draw(picture)
    pen.text((120, 130), "Extract from the commercial register", _INK, _font(46))
    pen.line((120, 210, 1120, 210), fill=_GREY, width=3)
    _write(pen, lines, left=120, top=260, step=120, size=34)
    _stamp(picture, size=170, place=(180, 900))
    return _saved(picture, "PDF")


def _write(
    pen: ImageDraw.ImageDraw, lines: Lines, *, left: int, top: int, step: int, size: int
) -> None:
    for row, (label, value) in enumerate(lines):
        place = top + row * step
        pen.text((left, place), label, fill=_GREY, font=_font(size * 2 // 3))
        pen.text((left, place + size * 3 // 4), value or "–", _INK, _font(size))


def _stamp(picture: Image.Image, *, size: int, place: tuple[int, int]) -> None:
    """Write across the picture that it is nobody's document."""
    font = _font(size)
    stamp = Image.new("L", (size * 6, size * 2), 0)
    ImageDraw.Draw(stamp).text((size // 2, size // 3), "SPECIMEN", 110, font)
    turned = stamp.rotate(12, expand=False)
    picture.paste(Image.new("RGB", turned.size, _RED), place, turned)


def _font(size: int) -> Any:
    return ImageFont.load_default(size)


def _saved(picture: Image.Image, form: str) -> bytes:
    stream = BytesIO()
    picture.save(stream, form, resolution=150.0, optimize=False)
    return stream.getvalue()


def _machine_line(last: str, first: str, number: str) -> str:
    """Return something that looks like a machine-readable line, and is not one."""
    name = f"P<XXX{last}<<{first}<{number}".upper().replace(" ", "<")
    return name[:_LONGEST].ljust(_LONGEST, "<")


def _word(value: Any) -> str:
    """Return what fits in a line; the API stores whatever it is told."""
    return _latin(value.strip()[:_LONGEST]) if isinstance(value, str) else ""


def _latin(text: str) -> str:
    """Write with the letters the built-in font has, as machine-readable lines do."""
    apart = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return bare.encode("ascii", "replace").decode()


def _first(entries: Any) -> dict[str, Any]:
    if isinstance(entries, list) and entries and isinstance(entries[0], dict):
        return entries[0]
    return {}
