"""PDF: begins and ends as one, hides no second file, runs nothing, is not locked."""

import re
from typing import IO

from documents.inspection.refusal import DAMAGED, Flaw
from documents.inspection.windows import WINDOW, read_at, search

SECOND_FILE = "has another file behind the PDF’s end"
# Readers look for the end in the last 1024 bytes (PDF 32000-1, annex H.3.18).
MAX_BEHIND = 1024
PADDING = b" \t\r\n\f\0"
FOREIGN = (b"PK\x03\x04", b"PK\x05\x06", b"%PDF-", b"\x7fELF", b"<")
TWO_PDFS = re.compile(rb"%%EOF[\s\x00]{0,64}%PDF-[0-9]")
FLAWS = {
    b"JavaScript": "is a PDF with JavaScript",
    b"Launch": "is a PDF that starts other programs",
    b"EmbeddedFile": "is a PDF with another file inside",
    b"Encrypt": "is a PDF locked with a password; send it unlocked",
}


def _spelled(word: bytes) -> bytes:
    """Match a name also where letters are written as #xx (PDF 32000-1, 7.3.5)."""
    return b"".join(
        b"(?:%c|#(?i:%02x))" % (letter, letter) for letter in word
    )  # fmt: skip


# /EncryptMetadata stands in locked files only, but /Encrypted is nobody's business.
TELLING = re.compile(
    b"/(?:"
    + b"|".join(_spelled(word) for word in FLAWS if word != b"Encrypt")
    + b"|"
    + _spelled(b"Encrypt")
    + rb"(?![A-Za-z0-9#]))"
)
ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")


def check_pdf(file: IO[bytes], size: int) -> None:
    """Raise Flaw for a PDF that we do not take.

    A first net: what stands in compressed streams is not seen here. The malware
    scanner is the second.
    """
    _check_end(file, size)
    if search(file, TWO_PDFS):
        raise Flaw(SECOND_FILE)
    if found := search(file, TELLING):
        name = ESCAPE.sub(lambda m: bytes([int(m[1], 16)]), found[1])
        raise Flaw(FLAWS[name[1:]])


def _check_end(file: IO[bytes], size: int) -> None:
    tail = read_at(file, max(0, size - WINDOW), WINDOW)
    end = tail.rfind(b"%%EOF")
    if end < 0:
        # Either its end is missing, or very much stands behind it.
        raise Flaw(SECOND_FILE if search(file, re.compile(b"%%EOF")) else DAMAGED)
    if b"startxref" not in tail[max(0, end - 1024) : end]:
        raise Flaw(DAMAGED)
    behind = tail[end + len(b"%%EOF") :].strip(PADDING)
    if len(behind) > MAX_BEHIND or behind.startswith(b"MZ"):
        raise Flaw(SECOND_FILE)
    if any(mark in behind for mark in FOREIGN):
        raise Flaw(SECOND_FILE)
