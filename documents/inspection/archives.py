"""Archives hidden in files of another type."""

import struct
from typing import IO

from documents.inspection.refusal import Flaw
from documents.inspection.windows import read_at, windows

HIDDEN_ARCHIVE = "has an archive hidden in it"
# The end record, and the longest comment that may follow it (PKWARE APPNOTE 4.3.16).
END_RECORD = b"PK\x05\x06"
END_BYTES = 22
MAX_COMMENT = 65535
# Unpackers look for these far behind the beginning; long enough to be no accident.
SIGNATURES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"MSCF\0\0\0\0")


def refuse_archives(file: IO[bytes], size: int) -> None:
    """Raise Flaw when an unpacker would find an archive in the file."""
    if _ends_as_zip(file, size):
        raise Flaw(HIDDEN_ARCHIVE)
    for _, window, _ in windows(file):
        if any(signature in window for signature in SIGNATURES):
            raise Flaw(HIDDEN_ARCHIVE)


def _ends_as_zip(file: IO[bytes], size: int) -> bool:
    start = max(0, size - END_BYTES - MAX_COMMENT)
    tail = read_at(file, start, END_BYTES + MAX_COMMENT)
    found = tail.rfind(END_RECORD)
    while found >= 0:
        if _is_end_record(file, start + found, tail[found : found + END_BYTES]):
            return True
        found = tail.rfind(END_RECORD, 0, found)
    return False


def _is_end_record(file: IO[bytes], offset: int, record: bytes) -> bool:
    """Tell an end record from four bytes that look like one by accident."""
    if len(record) < END_BYTES:
        return False
    _, _, here, total, length, _, _ = struct.unpack("<4HLLH", record[4:])
    if length == 0xFFFFFFFF or total == 0xFFFF:  # zip64 has its locator in front
        return read_at(file, max(0, offset - 20), 4) == b"PK\x06\x07"
    if here != total or length > offset:
        return False
    if length == 0:
        return bool(total == 0)
    return read_at(file, offset - length, 4) == b"PK\x01\x02"
