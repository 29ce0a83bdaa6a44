"""The process that opens a picture and says how large it is; imports no Django."""

import sys

from documents.rendering.limits import run_within_limits
from documents.rendering.pictures import open_picture


def main(content_type: str) -> None:
    """Write width and height to the standard output."""
    with open_picture(sys.stdin.buffer, content_type) as image:
        size = image.size
        image.verify()
    sys.stdout.write(f"{size[0]} {size[1]}")


if __name__ == "__main__":
    run_within_limits(lambda: main(sys.argv[1]))
