"""Have a picture opened by Pillow, in a process of its own.

Even reading a header is not harmless: a WEBP is taken in whole by libwebp, and tags of
a TIFF may point anywhere.
"""

from typing import IO

from documents.inspection.refusal import DAMAGED, Flaw, refuse_huge
from documents.rendering.confined import Exhausted, Failed, run_confined

LIMIT_REACHED = "takes too much memory or time to open"


def check_opens(file: IO[bytes], content_type: str) -> None:
    """Raise Flaw when Pillow cannot open it, or it has too many pixels."""
    try:
        answer = run_confined("documents.rendering.measure", content_type, file=file)
    except Exhausted:
        raise Flaw(LIMIT_REACHED) from None
    except Failed:
        raise Flaw(DAMAGED) from None
    width, height = map(int, answer.split())
    refuse_huge(width, height)
