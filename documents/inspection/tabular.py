"""CSV: text in UTF-8 that does not begin as something else."""

import codecs
import re
from typing import IO

from documents.inspection.refusal import Flaw
from documents.inspection.windows import WINDOW

NOT_TEXT = "is not UTF-8 text; save it as CSV in UTF-8"
CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def is_text(head: bytes) -> bool:
    """Tell whether the first bytes are text; a character may be cut at their end."""
    if CONTROL.search(head):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def check_csv(file: IO[bytes], size: int) -> None:  # noqa: ARG001 - as every check
    """Raise Flaw unless all of it is text.

    Cells that begin with `=` stay: they are harmless here, and a spreadsheet asks.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while piece := file.read(WINDOW):
            decoder.decode(piece)
            if CONTROL.search(piece):
                raise Flaw(NOT_TEXT)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise Flaw(NOT_TEXT) from None
