"""PNG, WEBP and HEIC: pictures made of chunks that say how long they are."""

import struct
from collections.abc import Iterator
from typing import IO

from documents.inspection.refusal import DAMAGED, Flaw, refuse_huge
from documents.inspection.windows import exactly, read_at

BEHIND = "has other data behind the end of the picture"
PNG = b"\x89PNG\r\n\x1a\n"
# More would be an attack on our time; 25 MB in pieces of 8 KB are 3,200.
MAX_CHUNKS = 50_000
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}
CONTAINER_BRANDS = {b"mif1", b"msf1"}


def check_png(file: IO[bytes], size: int) -> None:
    """Raise Flaw unless every chunk fits and IEND is the end.

    The checksums are Pillow's to compare (`opening.py`).
    """
    offset = len(PNG)
    for number in range(MAX_CHUNKS):
        length, name = struct.unpack(">L4s", exactly(file, offset, 8))
        if (number == 0) is not (name == b"IHDR"):
            break
        offset += 12 + length
        if name == b"IEND":
            if offset != size:
                raise Flaw(BEHIND)
            return
    raise Flaw(DAMAGED)


def check_webp(file: IO[bytes], size: int) -> None:
    """Raise Flaw unless the chunks fill what RIFF promises, and that is the file."""
    promised = int.from_bytes(exactly(file, 4, 4), "little") + 8
    if promised < size:
        raise Flaw(BEHIND)
    if promised > size:
        raise Flaw(DAMAGED)
    # Before anybody opens it: libwebp makes room for all of it at once.
    refuse_huge(*_webp_size(exactly(file, 12, 18)))
    offset = 12
    for _ in range(MAX_CHUNKS):
        if offset == size:
            return
        length = int.from_bytes(exactly(file, offset + 4, 4), "little")
        offset += 8 + length + length % 2
        if offset > size:
            break
    raise Flaw(DAMAGED)


def _webp_size(chunk: bytes) -> tuple[int, int]:
    """Read width and height from the first chunk (RFC 9649)."""
    name, body = chunk[:4], chunk[8:]
    if name == b"VP8X":
        return tuple(int.from_bytes(body[i : i + 3], "little") + 1 for i in (4, 7))  # type: ignore[return-value]
    if name == b"VP8L" and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if name == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", body[6:10])
        return width & 0x3FFF, height & 0x3FFF
    raise Flaw(DAMAGED)


def is_heic(head: bytes) -> bool:
    """Tell a HEIC by the brands in its first box (ISO/IEC 23008-12)."""
    if head[4:8] != b"ftyp":
        return False
    length = int.from_bytes(head[:4], "big")
    brands = {head[i : i + 4] for i in range(16, min(length, len(head)) - 3, 4)}
    major = head[8:12]
    is_container = major in CONTAINER_BRANDS and bool(brands & HEIC_BRANDS)
    return major in HEIC_BRANDS or is_container


def check_heic(file: IO[bytes], size: int) -> None:
    """Raise Flaw unless whole boxes fill the file and describe a picture."""
    boxes = list(_boxes(file, size))
    names = {name for name, _ in boxes}
    if b"meta" not in names or boxes[-1][1] != size:
        raise Flaw(DAMAGED)


def _boxes(file: IO[bytes], size: int) -> Iterator[tuple[bytes, int]]:
    """Yield name and end of each box until they no longer fit (ISO/IEC 14496-12)."""
    offset = 0
    for _ in range(MAX_CHUNKS):
        head = read_at(file, offset, 16)
        if len(head) < 8:
            return
        length = int.from_bytes(head[:4], "big")
        least = 8
        if length == 1:
            length, least = int.from_bytes(head[8:], "big"), 16
        # Nought means: to the end of the file.
        length = length or size - offset
        if length < least or offset + length > size:
            return
        offset += length
        yield head[4:8], offset
