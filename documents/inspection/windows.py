"""Reading a file through windows, so that its size costs no memory."""

import re
from collections.abc import Iterator
from typing import IO

from documents.inspection.refusal import DAMAGED, Flaw

WINDOW = 64 * 1024
# Windows share this many bytes; nothing we search for is longer.
OVERLAP = 256


def size_of(file: IO[bytes]) -> int:
    return file.seek(0, 2)


def read_at(file: IO[bytes], offset: int, length: int) -> bytes:
    """Read up to `length` bytes, at most two windows."""
    file.seek(offset)
    return file.read(min(length, 2 * WINDOW))


def exactly(file: IO[bytes], offset: int, length: int) -> bytes:
    """Read `length` bytes; raises Flaw where the file ends before."""
    found = read_at(file, offset, length)
    if len(found) < length:
        raise Flaw(DAMAGED)
    return found


def windows(file: IO[bytes], start: int = 0) -> Iterator[tuple[int, bytes, bool]]:
    """Yield offset, bytes and whether it is the last, of windows that overlap."""
    offset = start
    while True:
        window = read_at(file, offset, WINDOW)
        is_last = len(window) < WINDOW
        yield offset, window, is_last
        if is_last:
            return
        offset += WINDOW - OVERLAP


def search(
    file: IO[bytes], pattern: re.Pattern[bytes], start: int = 0
) -> tuple[int, bytes] | None:
    """Find the first match from `start` on: its offset and its bytes."""
    for offset, window, is_last in windows(file, start):
        found = pattern.search(window)
        # At the very edge a look-ahead sees nothing; the next window has it whole.
        if found and (is_last or found.end() < len(window)):
            return offset + found.start(), found.group()
    return None
