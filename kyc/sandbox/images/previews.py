"""Small pictures of what applicants attached, drawn anew."""

from io import BytesIO
from threading import Lock

import pypdfium2
from PIL import Image

from kyc.sandbox.images.files import MAX_PIXELS
from kyc.sandbox.models import SandboxImage

_EDGE = 360  # pixels of the longer edge
_PDFIUM = Lock()  # the library is not safe between threads


class NoPreviewError(Exception):
    """The file begins like a document, and is none."""


def draw_preview(image: SandboxImage) -> bytes:
    """Return a PNG of the picture or of the first page; raises NoPreviewError."""
    content = bytes(image.content)
    try:
        if image.file_type == "pdf":
            return _png(_first_page(content))
        with Image.open(BytesIO(content), formats=[image.file_type.upper()]) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise NoPreviewError
            return _png(picture)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NoPreviewError from error


def _first_page(content: bytes) -> Image.Image:
    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError as error:
            raise NoPreviewError from error
        try:
            return _drawn(document)
        except (pypdfium2.PdfiumError, IndexError) as error:
            raise NoPreviewError from error
        finally:
            document.close()


def _drawn(document: pypdfium2.PdfDocument) -> Image.Image:
    page = document[0]
    scale = _EDGE / max(page.get_size())
    picture: Image.Image = page.render(scale=min(scale, 4.0)).to_pil()
    return picture.copy()


def _png(picture: Image.Image) -> bytes:
    picture.draft("RGB", (_EDGE, _EDGE))  # lets a large JPEG be unpacked small
    small = picture.convert("RGB")
    small.thumbnail((_EDGE, _EDGE))
    stream = BytesIO()
    small.save(stream, "PNG")
    return stream.getvalue()
