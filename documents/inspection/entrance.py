"""The one question: what is this file, and do we take it?"""

from collections.abc import Callable
from typing import IO

from documents.inspection.archives import refuse_archives
from documents.inspection.chunks import check_heic, check_png, check_webp
from documents.inspection.jpeg import check_jpeg
from documents.inspection.kinds import (
    UNKNOWN,
    WORDS,
    content_type_of,
    foreign_text,
    in_words,
)
from documents.inspection.opening import check_opens
from documents.inspection.pdf import check_pdf
from documents.inspection.refusal import FileRefused, Flaw
from documents.inspection.tabular import NOT_TEXT, check_csv, is_text
from documents.inspection.windows import read_at, size_of
from documents.names import ENDINGS, extension_of, original_name

ALLOWED = frozenset(ENDINGS)
MAX_BYTES = 25 * 1024**2
HEAD = 4096
MAX_SHOWN = 60
PROGRAMS = ("a Windows program", "a Linux program")
TAKEN = "only PDF, JPEG, PNG, WEBP, TIFF, HEIC and CSV are taken"


def _check_tiff(file: IO[bytes], size: int) -> None:
    """Leave it to Pillow: a TIFF may be laid out in any order."""


CHECKS: dict[str, Callable[[IO[bytes], int], None]] = {
    "application/pdf": check_pdf,
    "image/jpeg": check_jpeg,
    "image/png": check_png,
    "image/webp": check_webp,
    "image/tiff": _check_tiff,
    "image/heic": check_heic,
    "text/csv": check_csv,
}
DRAWABLE = frozenset(["image/jpeg", "image/png", "image/webp", "image/tiff"])


def inspect(file: IO[bytes], *, name: str) -> str:
    """Return the content type out of ALLOWED, told by the bytes; left at its beginning.

    Raises FileRefused. The browser's word for the type is not asked. Reads through
    windows, so the size costs no memory. A first net only: a PDF's scripts, launches
    and attachments are seen in clear text, not in compressed streams, and a picture
    may still be hostile to whoever decodes it. The malware scanner is the second net,
    and drawing happens elsewhere (`documents.rendering`).
    """
    name = original_name(name)
    try:
        return _inspect(file, name)
    except Flaw as flaw:
        raise FileRefused(f"“{_shown(name)}” {flaw}.") from None
    finally:
        file.seek(0)


def _shown(name: str) -> str:
    if len(name) <= MAX_SHOWN:
        return name
    return f"{name[: MAX_SHOWN // 2]}…{name[1 - MAX_SHOWN // 2 :]}"


def _inspect(file: IO[bytes], name: str) -> str:
    size = size_of(file)
    if size == 0:
        raise Flaw("is empty")
    if size > MAX_BYTES:
        raise Flaw("is larger than 25 MB")
    head = read_at(file, 0, HEAD)
    content_type = content_type_of(head) or _table_or_flaw(head, extension_of(name))
    _refuse_lie(content_type, extension_of(name))
    CHECKS[content_type](file, size)
    refuse_archives(file, size)
    if content_type in DRAWABLE:
        check_opens(file, content_type)
    return content_type


def _table_or_flaw(head: bytes, extension: str) -> str:
    if is_text(head) and not foreign_text(head) and b"%PDF-" not in head:
        # Text without the ending may be a script; nobody can tell.
        if extension == ".csv":
            return "text/csv"
        raise Flaw(_mismatch("plain text", extension))
    what = in_words(head)
    if b"%PDF-" in head and what not in PROGRAMS:
        raise Flaw("has other data in front of the PDF")
    if extension == ".csv" and what == UNKNOWN:
        raise Flaw(NOT_TEXT)  # most likely a table in another encoding
    raise Flaw(_mismatch(what, extension))


def _refuse_lie(content_type: str, extension: str) -> None:
    if extension and extension not in ENDINGS[content_type]:
        raise Flaw(_mismatch(WORDS[content_type], extension))


def _mismatch(what: str, extension: str) -> str:
    claimed = [t for t, endings in ENDINGS.items() if extension in endings]
    if claimed:
        return f"says it is {WORDS[claimed[0]]} but is {what}"
    if what in WORDS.values():
        return f"ends in {extension} but is {what}"
    return f"is {what}; {TAKEN}"
