"""Pillow, as the confined processes use it."""

import warnings
from io import BytesIO
from typing import IO

from PIL import Image, ImageOps

FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/tiff": "TIFF",
}
MAX_PIXELS = 100_000_000
# A strip of one pixel's width would become endless at our width.
MAX_HEIGHT = 6000
MAX_PNG_BYTES = 20 * 1024**2
MAX_PAGES = 1000
ORIENTATION = 0x0112  # Exif 2.32, table 4


def open_picture(file: IO[bytes], content_type: str) -> Image.Image:
    """Open as that type and no other; raises for anything Pillow does not like."""
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None  # who opens it counts; memory is limited anyway
    return Image.open(file, formats=[FORMATS[content_type]])


def draw_picture(
    file: IO[bytes], content_type: str, page: int, width: int
) -> tuple[bytes, int]:
    """Return a PNG of one page, and how many there are."""
    with open_picture(file, content_type) as image:
        pages = 1
        if content_type == "image/tiff":
            pages = _pages(image)
            image.seek(min(page, pages) - 1)
        if image.width * image.height > MAX_PIXELS:
            raise MemoryError
        return encode(_fitted(image, width)), pages


def _pages(image: Image.Image) -> int:
    """Count by walking: `n_frames` would follow a chain of any length."""
    pages = 1
    try:
        while pages < MAX_PAGES:
            image.seek(pages)
            pages += 1
    except EOFError:
        pass
    return pages


def _fitted(image: Image.Image, width: int) -> Image.Image:
    """Turn as the camera was held, shrink to the width, never enlarge."""
    # Early, and by the decoder itself for a JPEG, so that memory suffices.
    image.draft("RGB", _box(image, width))
    image.load()
    # Asked again: a TIFF turns itself when it is loaded, and forgets that it lay.
    orientation, box = image.getexif().get(ORIENTATION, 1), _box(image, width)
    plain = _plain(image)
    plain.thumbnail(box)
    return _on_white(ImageOps.exif_transpose(_with_orientation(plain, orientation)))


def _box(image: Image.Image, width: int) -> tuple[int, int]:
    """Return the largest size before it is turned."""
    is_lying = image.getexif().get(ORIENTATION) in (5, 6, 7, 8)
    return (MAX_HEIGHT, width) if is_lying else (width, MAX_HEIGHT)


def _plain(image: Image.Image) -> Image.Image:
    """Make pixels that can be shrunk: palettes and single bits cannot."""
    if image.mode.startswith("I") or image.mode == "F":
        # 16 bits a pixel, of which the upper eight are what a screen shows.
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode == "P" or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB", "RGBA"):
        return image
    return image.convert({"1": "L", "LA": "RGBA", "La": "RGBA"}.get(image.mode, "RGB"))


def _with_orientation(image: Image.Image, orientation: int) -> Image.Image:
    """Copy the pixels alone, so that no metadata goes along; keep the one tag."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    bare.getexif()[ORIENTATION] = orientation
    return bare


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def encode(image: Image.Image) -> bytes:
    """Return a PNG; halved until it is small enough to send."""
    while True:
        answer = BytesIO()
        image.save(answer, "PNG", compress_level=3)
        if answer.tell() <= MAX_PNG_BYTES:
            return answer.getvalue()
        image = image.reduce(2)
