"""The process that draws one page; imports no Django and knows no secret.

`python -m documents.rendering.draw TYPE PAGE WIDTH < file` writes the number of pages,
a newline and a PNG.
"""

import sys
from typing import BinaryIO

from documents.rendering.limits import run_within_limits
from documents.rendering.pictures import MAX_HEIGHT, draw_picture, encode


def main(content_type: str, page: int, width: int) -> None:
    file = sys.stdin.buffer
    if content_type == "application/pdf":
        png, pages = draw_pdf(file, page, width)
    else:
        png, pages = draw_picture(file, content_type, page, width)
    sys.stdout.buffer.write(b"%d\n" % pages + png)


def draw_pdf(file: BinaryIO, page: int, width: int) -> tuple[bytes, int]:
    """Return a PNG of one page, and how many there are."""
    import pypdfium2

    with pypdfium2.PdfDocument(file) as document:
        # Else what was filled into a form is not seen; no scripts run (built without).
        document.init_forms()
        pages = len(document)
        sheet = document[min(page, pages) - 1]
        wide, high = sheet.get_size()
        # The library rounds up, so a hair less than the width.
        scale = min((width - 0.01) / wide, MAX_HEIGHT / high)
        image = sheet.render(scale=scale, draw_annots=True).to_pil()
        return encode(image), pages


def _arguments() -> tuple[str, int, int]:
    return sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


if __name__ == "__main__":
    run_within_limits(lambda: main(*_arguments()))
