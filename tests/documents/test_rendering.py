"""Pages are drawn, and what a hostile file does stays in its own process."""

import resource
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from documents.rendering import NotDrawable, confined, render, table
from documents.rendering.limits import CPU_SECONDS
from documents.rendering.pictures import MAX_HEIGHT
from tests.documents.papers import (
    HTML,
    PROGRAM,
    assemble,
    heic,
    pdf,
    picture,
    png_of,
    stream,
    thirsty_tiff,
    tiff_of,
)

pytestmark = pytest.mark.once

BROKEN = "A preview is not possible: the file is damaged."
TOO_MUCH = "A preview of this file takes too much memory or time; download it."
RED, WHITE = (255, 0, 0), (255, 255, 255)


def drawn(
    content: bytes, content_type: str, *, page: int = 1, width: int = 200
) -> tuple[Image.Image, int]:
    made = render(BytesIO(content), content_type, page=page, width=width)
    return Image.open(BytesIO(made.png)).copy(), made.pages


def refused(content: bytes, content_type: str) -> str:
    with pytest.raises(NotDrawable) as caught:
        render(BytesIO(content), content_type, page=1, width=800)
    return caught.value.message


def test_a_page_of_a_pdf_at_the_width_asked_for() -> None:
    image, pages = drawn(pdf(pages=3), "application/pdf", page=2, width=400)
    assert (image.size, pages) == ((400, 200), 3)
    assert image.getpixel((120, 190)) == RED
    assert image.getpixel((20, 190)) == WHITE


@pytest.mark.parametrize(("page", "square"), [(99, 110), (-3, 10), (0, 10), (1, 10)])
def test_page_numbers_stay_within_the_document(page: int, square: int) -> None:
    image, _ = drawn(pdf(pages=3), "application/pdf", page=page)
    assert image.getpixel((square, 90)) == RED


def test_a_path_is_read_like_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf())
    assert render(path, "application/pdf", page=1, width=100).pages == 1
    assert render(str(path), "application/pdf", page=1, width=100).pages == 1


def test_what_was_filled_into_a_form_is_seen() -> None:
    field = b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /F 4 "
    field += b"/Rect [50 50 100 100] /AP << /N 6 0 R >> >>"
    ink = stream(
        b"1 0 0 rg 0 0 50 50 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 50 50] "
    )
    content = assemble([
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] >> >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Annots [5 0 R] >>",
        stream(b""), field, ink,
    ])  # fmt: skip
    image, _ = drawn(content, "application/pdf")
    assert image.getpixel((150, 50)) == RED
    assert image.getpixel((50, 150)) == WHITE


def test_width_and_height_have_ends() -> None:
    image, _ = drawn(pdf(), "application/pdf", width=10**9)
    assert image.width == 2400
    image, _ = drawn(pdf(), "application/pdf", width=-5)
    assert image.width == 1
    image, _ = drawn(pdf(box="0 0 10 14400"), "application/pdf", width=2400)
    assert image.height <= MAX_HEIGHT + 1
    image, _ = drawn(pdf(box="0 0 14400 14400"), "application/pdf", width=300)
    assert image.size == (300, 300)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_pictures_are_drawn(kind: str) -> None:
    content = picture(kind, (600, 400))
    image, pages = drawn(content, f"image/{kind.lower()}")
    assert (image.size, pages) == ((200, 133), 1)
    red, green, blue = image.convert("RGB").getpixel((20, 60))  # type: ignore[misc]
    assert red > 240
    assert green < 20
    assert blue < 20


def test_a_small_picture_is_not_enlarged() -> None:
    assert drawn(picture("PNG"), "image/png", width=2000)[0].size == (60, 40)


def test_frames_of_a_tiff_are_pages() -> None:
    frames = [Image.new("L", (50, 10 * n)) for n in (1, 2, 3)]
    out = BytesIO()
    frames[0].save(out, "TIFF", save_all=True, append_images=frames[1:])
    heights = [drawn(out.getvalue(), "image/tiff", page=n) for n in (1, 2, 3, 4)]
    assert [(i.height, pages) for i, pages in heights] == [
        (10, 3), (20, 3), (30, 3), (30, 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("1", "TIFF"), ("L", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("RGBA", "PNG"),
        ("I;16", "PNG"), ("I;16", "TIFF"), ("F", "TIFF"), ("CMYK", "JPEG"),
        ("CMYK", "TIFF"), ("RGBA", "WEBP"), ("LAB", "TIFF"),
    ],
)  # fmt: skip
def test_every_kind_of_pixel_is_drawn(mode: str, kind: str) -> None:
    out = BytesIO()
    Image.new(mode, (300, 20)).save(out, kind)
    image, _ = drawn(out.getvalue(), f"image/{kind.lower()}", width=100)
    assert image.size == (100, 7)
    assert image.mode in ("L", "RGB")


def test_sixteen_bits_keep_their_shades() -> None:
    out = BytesIO()
    Image.new("I;16", (9, 9), 0x8000).save(out, "PNG")
    assert drawn(out.getvalue(), "image/png")[0].getpixel((4, 4)) == 0x80


def test_what_is_transparent_is_white() -> None:
    out = BytesIO()
    Image.new("RGBA", (9, 9), (0, 0, 0, 0)).save(out, "PNG")
    assert drawn(out.getvalue(), "image/png")[0].getpixel((4, 4)) == WHITE


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_picture_is_turned_and_says_nothing_else(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # held upright: what is left must come to the top
    exif[0x010F] = "Camera of somebody"
    content = picture(kind, (600, 400), exif=exif, icc_profile=b"somebody")
    made = render(BytesIO(content), f"image/{kind.lower()}", page=1, width=200)
    image = Image.open(BytesIO(made.png))
    assert image.size == (200, 300)
    assert image.convert("RGB").getpixel((100, 20))[0] > 240  # type: ignore[index]
    assert image.convert("RGB").getpixel((100, 20))[1] < 20  # type: ignore[index]
    assert image.convert("RGB").getpixel((100, 280))[1] > 240  # type: ignore[index]
    assert not image.info
    assert not dict(image.getexif())
    assert b"somebody" not in made.png


@pytest.mark.parametrize("content_type", ["image/heic", "text/csv", "text/html", ""])
def test_what_has_no_preview(content_type: str) -> None:
    sentence = "A preview of this type is not possible; download it."
    assert refused(heic(), content_type) == sentence


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"", "application/pdf"),
        (HTML, "application/pdf"),
        (PROGRAM, "image/png"),
        (picture("PNG"), "image/jpeg"),
        (picture("PNG")[:-40], "image/png"),
        (picture("JPEG", (600, 400))[:2000], "image/jpeg"),
        (tiff_of(100, 100), "image/tiff"),
        (thirsty_tiff(), "image/tiff"),
        (pdf()[:200], "application/pdf"),
        (assemble([b"<< /Type /Catalog >>"]), "application/pdf"),
    ],
)
def test_broken_files_are_one_sentence(content: bytes, content_type: str) -> None:
    assert refused(content, content_type) == BROKEN


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (png_of(60_000, 60_000), "image/png"),
        (tiff_of(20_000, 20_000), "image/tiff"),
    ],
    ids=["png", "tiff"],
)
def test_pictures_with_too_many_pixels_are_not_decoded(
    content: bytes, content_type: str
) -> None:
    assert refused(content, content_type) == TOO_MUCH


def test_the_largest_picture_that_is_taken_is_drawn() -> None:
    content = png_of(9990, 9990, bytes(9990 * (2 * 9990 + 1)), bits=16)
    assert drawn(content, "image/png")[0].size == (200, 200)


def test_a_drawing_of_millions_of_lines_ends_at_the_limit_of_memory() -> None:
    lines = zlib.compress(b"0 0 m 100 100 l S " * 6_000_000)
    content = one_page(stream(lines, b"/Filter /FlateDecode"))
    assert refused(content, "application/pdf") == TOO_MUCH


def test_forms_that_call_one_another_end_at_a_limit() -> None:
    calls, form = b"/X Do " * 40, b"/Type /XObject /Subtype /Form /BBox [0 0 99 99] "
    forms = [
        stream(calls, form + b"/Resources << /XObject << /X %d 0 R >> >>" % (6 + n))
        for n in range(12)
    ]
    leaf = stream(b"1 0 0 rg 0 0 40 40 re f", form)
    content = one_page(stream(calls), b"/XObject << /X 5 0 R >>", *forms, leaf)
    assert refused(content, "application/pdf") == TOO_MUCH


def test_a_shading_computed_for_minutes_ends_at_the_limit_of_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # So that it is the processor's time that ends it, on a busy machine too.
    monkeypatch.setattr(confined, "WALL_SECONDS", 60)
    shading = b"<< /ShadingType 1 /ColorSpace /DeviceRGB /Function 6 0 R >>"
    program = b"{ " + b"dup mul sin 2 exp sqrt " * 5000 + b" exch pop dup dup }"
    function = stream(
        program, b"/FunctionType 4 /Domain [0 1 0 1] /Range [0 1 0 1 0 1]"
    )
    content = one_page(
        stream(b"100 0 0 100 0 0 cm /S sh"), b"/Shading << /S 5 0 R >>",
        shading, function,
    )  # fmt: skip
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    assert refused(content, "application/pdf") == TOO_MUCH
    spent = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    assert spent < CPU_SECONDS + 2


def one_page(drawing: bytes, resources: bytes = b"", *more: bytes) -> bytes:
    """Build a PDF whose objects from the fifth on are `more`."""
    page = b"/Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R"
    return assemble([
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< %s /Resources << %s >> >>" % (page, resources),
        drawing,
        *more,
    ])  # fmt: skip


def test_rows_of_a_table() -> None:
    content = '\ufeffname;amount\n„Müller“;12,50\n\n"a\nb";\u202e1\n'.encode()
    assert table(BytesIO(content)) == [
        ["name", "amount"], ["„Müller“", "12,50"], [], ["a\nb", "1"],
    ]  # fmt: skip
    assert table(BytesIO(b"")) == []


def test_a_table_is_cut_at_every_side() -> None:
    line = ",".join(["c" * 500] * 99) + "\n"
    rows = table(BytesIO(line.encode() * 300), rows=5)
    assert len(rows) == 5
    assert {len(row) for row in rows} == {50}
    assert {len(cell) for row in rows for cell in row} == {200}
    # The window ends within a line: that line is not shown.
    short = table(BytesIO(b"a,b\n" * 1_000_000), rows=10**6)
    assert set(map(tuple, short)) == {("a", "b")}
    assert len(table(BytesIO(b"a,b\n" * 500))) == 200


def test_a_table_without_end_is_one_sentence() -> None:
    with pytest.raises(NotDrawable):
        table(BytesIO(b"a" * 1_000_000))
    with pytest.raises(NotDrawable):
        table(BytesIO(b'"' + b"a,b\n" * 100_000))
