"""Files for the tests, honest and hostile, made of nothing but code."""

import struct
import zipfile
import zlib
from io import BytesIO

from PIL import Image

PROGRAM = b"MZ\x90\0" + bytes(60) + b"PE\0\0" + bytes(200)
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"


def pdf(*, pages: int = 1, box: str = "0 0 200 100", extra: bytes = b"") -> bytes:
    """Build a PDF by hand; `extra` stands in the catalogue."""
    kids = b" ".join(b"%d 0 R" % (3 + 2 * n) for n in range(pages))
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R " + extra + b" >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (pages, kids),
    ]
    for number in range(pages):
        # Each page is a square further right than on the page before.
        drawing = b"1 0 0 rg %d 0 40 40 re f" % (number * 50)
        bodies += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Contents %d 0 R >>"
            % (box.encode(), 4 + 2 * number),
            stream(drawing),
        ]
    return assemble(bodies)


def stream(content: bytes, extra: bytes = b"") -> bytes:
    head = b"<< /Length %d %s >>" % (len(content), extra)
    return head + b"\nstream\n" + content + b"\nendstream"


def assemble(bodies: list[bytes]) -> bytes:
    """Number the objects from 1 and write the table and the end around them."""
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(bodies) + 1
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n" % size
        + table
        + b"trailer\n<< /Size %d /Root 1 0 R >>\n" % size
        + b"startxref\n%d\n%%%%EOF\n" % len(out)
    )


def picture(kind: str, size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    """Let Pillow write a picture whose left half is red."""
    image = Image.new("RGB", size, "white")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def archive(*, size: int = 3, name: str = "a.txt", comment: bytes = b"") -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, b"x" * size)
        package.comment = comment
    return out.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    """Build a chunk of a PNG."""
    checksum = zlib.crc32(name + content)
    return struct.pack(">L", len(content)) + name + content + checksum.to_bytes(4)


def png_of(
    width: int, height: int, pixels: bytes | None = None, *, bits: int = 8
) -> bytes:
    """Build a grey PNG that says it is so large, whatever its pixels are."""
    head = struct.pack(">LLBBBBB", width, height, bits, 0, 0, 0, 0)
    body = zlib.compress(b"\0" * 10 if pixels is None else pixels)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", body)
        + chunk(b"IEND", b"")
    )


def heic() -> bytes:
    """Build the boxes of a HEIC, without a picture that anybody could decode."""
    brands = b"heic" + bytes(4) + b"mif1heic"
    boxes = ((b"ftyp", brands), (b"meta", bytes(40)), (b"mdat", bytes(100)))
    return b"".join(struct.pack(">L", 8 + len(b)) + n + b for n, b in boxes)


def tiff_of(width: int, height: int) -> bytes:
    """Build a TIFF that says it is so large, with a single strip of nothing."""
    entries = [(256, width), (257, height), (258, 8), (259, 1), (262, 1), (273, 8)]
    entries += [(277, 1), (278, height), (279, 16)]
    table = b"".join(struct.pack("<HHLL", tag, 4, 1, v) for tag, v in entries)
    count = struct.pack("<H", len(entries))
    return b"II*\0" + struct.pack("<L", 8) + count + table + bytes(20)


def thirsty_tiff(tags: int = 2000, each: int = 4 * 1024**2) -> bytes:
    """Build a TIFF whose tags all point at the same megabytes."""
    head = b"II*\0" + struct.pack("<L", 8) + struct.pack("<H", tags)
    start = 8 + 2 + tags * 12 + 4
    table = b"".join(
        struct.pack("<HHLL", 300 + n, 1, each, start) for n in range(tags)
    )  # fmt: skip
    return head + table + bytes(4) + bytes(each)


def huge_jpeg() -> bytes:
    """Let a small JPEG say that it is 65,000 pixels wide and high."""
    honest = picture("JPEG")
    size = honest.index(b"\xff\xc0") + 5
    return honest[:size] + struct.pack(">HH", 65_000, 65_000) + honest[size + 4 :]


def huge_webp() -> bytes:
    """Let a small WEBP say that its canvas is 16,384 pixels wide and high."""
    honest = picture("WEBP", icc_profile=b"profile")
    return honest[:24] + b"\xff\x3f\0" * 2 + honest[30:]
