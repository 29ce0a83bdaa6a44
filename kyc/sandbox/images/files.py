"""What the stand-in takes as an image: its kinds, its limits, what a file is."""

from dataclasses import dataclass
from typing import Any

from django.core.files.base import File
from PIL import Image

MEGABYTE = 1024 * 1024
MAX_FILE_BYTES = 25 * MEGABYTE
MAX_APPLICANT_BYTES = 150 * MEGABYTE
MAX_APPLICANT_IMAGES = 40
MAX_TOTAL_BYTES = 2048 * MEGABYTE  # of the whole stand-in, on a developer's disk
MAX_PIXELS = 80_000_000  # opened to preview them: about 240 MB of memory

# How a file begins, and what the provider calls it.
_BEGINNINGS = (
    (b"%PDF-", "pdf"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
)
CONTENT_TYPES = {"pdf": "application/pdf", "jpeg": "image/jpeg", "png": "image/png"}

# The provider's idDocType, and idDocSubType behind the colon.
KINDS_OF_PERSON = [
    ("PASSPORT", "Passport"),
    ("ID_CARD:FRONT_SIDE", "Identity card, front"),
    ("ID_CARD:BACK_SIDE", "Identity card, back"),
    ("DRIVERS:FRONT_SIDE", "Driving licence, front"),
    ("DRIVERS:BACK_SIDE", "Driving licence, back"),
    ("RESIDENCE_PERMIT", "Residence permit"),
    ("UTILITY_BILL", "Proof of address"),
    ("INCOME_SOURCE", "Proof of income"),
]
KINDS_OF_COMPANY = [
    ("COMPANY_DOC:STATE_REGISTRY", "Register extract"),
    ("COMPANY_DOC:INCORPORATION_CERT", "Certificate of incorporation"),
    ("COMPANY_DOC:SHAREHOLDER_REGISTRY", "List of shareholders"),
    ("COMPANY_DOC:TRUST_AGREEMENT", "Trust deed"),
    ("COMPANY_DOC:PROOF_OF_ADDRESS", "Proof of address"),
]
_WORDS = dict(KINDS_OF_PERSON + KINDS_OF_COMPANY)


class NotAnImageError(ValueError):
    """A file that is none of ours; the message is one sentence for its owner."""


@dataclass(frozen=True, slots=True)
class AttachedImage:
    """A file that was looked at; the bytes are read only when they are kept."""

    file: "File[Any]"
    name: str
    file_type: str
    kind: str  # idDocType, or idDocType:idDocSubType
    width: int = 0  # pixels, 0 where unknown
    height: int = 0


def words_for(document_type: str, side: str) -> str:
    """Name a kind on a page."""
    kind = f"{document_type}:{side}" if side else document_type
    return _WORDS.get(kind) or kind.replace("_", " ").replace(":", ", ").capitalize()


def looked_at(file: "File[Any]", kind: str) -> AttachedImage:
    """Return the file with what it is by its bytes; raises NotAnImageError."""
    name = (file.name or "file")[:255]
    if file.size > MAX_FILE_BYTES:
        raise NotAnImageError(f"“{name}” is larger than 25 MB.")
    if not file.size:
        raise NotAnImageError(f"“{name}” is empty.")
    file_type = _type_of(file)
    if not file_type:
        raise NotAnImageError(f"“{name}” is not a PDF, JPEG or PNG file.")
    width, height = (0, 0) if file_type == "pdf" else _pixels(file, file_type, name)
    return AttachedImage(file, name, file_type, kind, width, height)


def _type_of(file: "File[Any]") -> str:
    file.seek(0)
    beginning = file.read(8)
    file.seek(0)
    return next(
        (kind for start, kind in _BEGINNINGS if beginning.startswith(start)), ""
    )


def _pixels(file: "File[Any]", file_type: str, name: str) -> tuple[int, int]:
    """Return width and height without unpacking the picture."""
    try:
        with Image.open(file, formats=[file_type.upper()]) as picture:
            width, height = picture.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotAnImageError(f"“{name}” is damaged.") from error
    if width * height > MAX_PIXELS:
        raise NotAnImageError(f"“{name}” has more pixels than can be shown.")
    return width, height
