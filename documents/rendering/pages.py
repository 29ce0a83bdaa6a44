"""One page of a document as a picture, or one sentence why there is none."""

import os
from dataclasses import dataclass
from typing import IO

from common.errors import DomainError
from documents.rendering.confined import Exhausted, Failed, run_confined

DRAWABLE = frozenset(
    ["application/pdf", "image/jpeg", "image/png", "image/webp", "image/tiff"]
)
MAX_WIDTH = 2400
PNG = b"\x89PNG\r\n\x1a\n"
NO_PREVIEW = "A preview of this type is not possible; download it."
BROKEN = "A preview is not possible: the file is damaged."
TOO_MUCH = "A preview of this file takes too much memory or time; download it."


class NotDrawable(DomainError):  # noqa: N818 - named for the file, not for a mistake
    """There is no picture of this file."""

    code = "NOT_DRAWABLE"


@dataclass(frozen=True)
class Page:
    """A page as a PNG, and how many pages the file has."""

    png: bytes
    pages: int


def render(
    file: str | os.PathLike[str] | IO[bytes],
    content_type: str,
    *,
    page: int = 1,
    width: int = 1200,
) -> Page:
    """Draw one page, counted from 1, at most `width` pixels wide (2400 at most).

    A page beyond the end is the last one. A picture is not enlarged. A seekable file
    is read from its beginning and left at its end. Raises NotDrawable.
    """
    if content_type not in DRAWABLE:
        raise NotDrawable(NO_PREVIEW)
    asked = (str(max(page, 1)), str(min(max(width, 1), MAX_WIDTH)))
    try:
        answer = run_confined(
            "documents.rendering.draw", content_type, *asked, file=file
        )
    except Exhausted:
        raise NotDrawable(TOO_MUCH) from None
    except Failed:
        raise NotDrawable(BROKEN) from None
    pages, _, png = answer.partition(b"\n")
    # Whoever took the drawing process over might answer anything.
    if not pages.isdigit() or len(pages) > 9 or not png.startswith(PNG):
        raise NotDrawable(BROKEN)
    return Page(png, int(pages))
