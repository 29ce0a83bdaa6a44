"""JPEG: walk its segments to the end and see that nothing foreign follows."""

import re
from typing import IO

from documents.inspection.refusal import DAMAGED, Flaw
from documents.inspection.windows import WINDOW, exactly, read_at, search

BEHIND = "has other data behind the end of the picture"
START, END, SCAN = 0xD8, 0xD9, 0xDA
ALONE = {0x01, *range(0xD0, 0xD8)}
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
# In a scan, 0xFF is data before 00 and before a restart marker (ITU-T T.81, B.1.1).
MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
NOT_FILL = re.compile(rb"[^\xff]")
NOT_PADDING = re.compile(rb"[^\x00\s]")
# A picture of 25 MB has hundreds; more is an attack on our time.
MAX_SEGMENTS = 2_000
MAX_PICTURES = 16


def check_jpeg(file: IO[bytes], size: int) -> None:
    """Raise Flaw unless it is whole pictures and nothing else.

    Phones put a second picture (depth, HDR) behind the first: that is fine.
    """
    offset = 0
    for _ in range(MAX_PICTURES):
        end = _end_of_picture(file, offset)
        found = search(file, NOT_PADDING, end)
        if found is None and size - end <= WINDOW:
            return
        if found is None or found[0] - end > WINDOW:
            break
        offset = found[0]
        if read_at(file, offset, 3) != b"\xff\xd8\xff":
            if _is_phones_note(file, offset, size):
                return
            break
    raise Flaw(BEHIND)


def _is_phones_note(file: IO[bytes], offset: int, size: int) -> bool:
    # Samsung's cameras sign off like this; it holds no more than a comment might.
    return size - offset <= WINDOW and read_at(file, size - 4, 4) == b"SEFT"


def _end_of_picture(file: IO[bytes], start: int) -> int:
    """Return the offset behind the end marker; raises Flaw."""
    offset, has_frame = start + 2, False
    for _ in range(MAX_SEGMENTS):
        marker, offset = _marker(file, offset)
        if marker == END and has_frame:
            return offset
        if marker in ALONE:
            continue
        if marker in (0x00, START, END):
            break
        length = int.from_bytes(exactly(file, offset, 2), "big")
        if marker in FRAMES:
            has_frame = True
        offset += max(length, 2)
        if marker == SCAN:
            found = search(file, MARKER, offset)
            offset = found[0] if found else offset
    raise Flaw(DAMAGED)


def _marker(file: IO[bytes], offset: int) -> tuple[int, int]:
    if exactly(file, offset, 1) != b"\xff":
        raise Flaw(DAMAGED)
    found = search(file, NOT_FILL, offset)
    if found is None:
        raise Flaw(DAMAGED)
    return found[1][0], found[0] + 1
