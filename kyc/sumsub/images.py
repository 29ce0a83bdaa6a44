"""The provider's document images: the list of them, and the bytes of one."""

import re
import time
from collections.abc import Iterator
from typing import Any

import requests

from kyc.sumsub.errors import (
    SumsubTooLarge,
    SumsubUnavailable,
    SumsubUnreadable,
    SumsubWrongType,
)
from kyc.sumsub.reading import (
    Json,
    instant,
    section,
    sections,
    text,
    whole_number,
)
from kyc.sumsub.transport import plain_errors
from kyc.sumsub.types import ApplicantImage

# A person shows a handful per attempt; what exceeds this is filed by nobody unseen.
MAX_IMAGES = 500
# Seconds of waiting for the bytes of one image; well below the lease of a delivery.
STREAM_SECONDS = 45.0
_CHUNK = 64 * 1024
_IMAGE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_ANSWERS = ("GREEN", "RED")
_OTHER_TYPES = ("application/pdf", "application/octet-stream")


def parse_images(answer: Any) -> list[ApplicantImage]:
    """Read the object of ``GET …/metadata/resources``; raises SumsubUnreadable.

    An image without an id we could ask for spoils the answer: it would be lost
    without a word. One named twice is listed once.
    """
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(answer, dict) or not isinstance(items, list):
        raise SumsubUnreadable("Sumsub’s answer holds no list of images.")
    if len(items) > MAX_IMAGES:
        raise SumsubUnreadable(f"Sumsub lists more than {MAX_IMAGES} images.")
    entries = sections(answer, "items", limit=MAX_IMAGES)
    if len(entries) != len(items):
        raise SumsubUnreadable("Sumsub lists an image that is not an object.")
    images: dict[str, ApplicantImage] = {}
    for image in map(_image, entries):
        images.setdefault(image.image_id, image)
    return list(images.values())


def _image(entry: Json) -> ApplicantImage:
    image_id = text(entry, "id", limit=65)
    if not _IMAGE_ID.fullmatch(image_id):
        raise SumsubUnreadable("Sumsub lists an image without a usable id.")
    kind, file = section(entry, "idDocDef"), section(entry, "fileMetadata")
    answer = _word(section(entry, "reviewResult"), "reviewAnswer", 32)
    return ApplicantImage(
        image_id=image_id,
        document_type=_word(kind, "idDocType", 64),
        side=_word(kind, "idDocSubType", 64),
        country=_word(kind, "country", 3),
        file_name=text(file, "fileName", limit=255),
        file_type=_word(file, "fileType", 64),
        file_size=whole_number(file, "fileSize"),
        answer=answer if answer in _ANSWERS else "",
        is_deactivated=entry.get("deactivated") is True,
        source=_word(entry, "source", 64),
        added_at=instant(entry, "addedDate"),
    )


def _word(source: Json, name: str, limit: int) -> str:
    """Return the word, or "" where it is longer than any of Sumsub's words."""
    word = text(source, name, limit=limit + 1)
    return word if len(word) <= limit else ""


class ImageStream:
    """The bytes of one image as they come in, never as a whole.

    ``content_type`` is Sumsub's claim in lower case, ``size`` the announced bytes
    or None. Raises SumsubTooLarge, SumsubWrongType or SumsubUnavailable.
    """

    def __init__(self, response: requests.Response, limit_bytes: int) -> None:
        self._response = response
        self._limit = limit_bytes
        self.content_type = _type_of(response)
        self.size = _size_of(response)
        if self.size is not None and self.size > limit_bytes:
            raise _too_large(limit_bytes)

    def __iter__(self) -> Iterator[bytes]:
        """Yield chunks; only when no error follows the last one is the image whole."""
        taken, patience = 0, STREAM_SECONDS
        while True:
            started = time.monotonic()
            with plain_errors():
                chunk = self._response.raw.read1(_CHUNK, decode_content=False)
            if not chunk:
                break
            # Only our waiting counts, not what is done with the chunk.
            patience -= time.monotonic() - started
            taken += len(chunk)
            if taken > self._limit:
                raise _too_large(self._limit)
            if patience < 0:
                raise SumsubUnavailable("Sumsub’s image took too long.")
            yield chunk
        if self.size is not None and taken != self.size:
            raise SumsubUnavailable("Sumsub’s image broke off.")
        if not taken:
            raise SumsubUnreadable("Sumsub’s image is empty.")


def _too_large(limit_bytes: int) -> SumsubTooLarge:
    return SumsubTooLarge(f"Sumsub’s image is larger than {limit_bytes} bytes.")


def _type_of(response: requests.Response) -> str:
    """Return the media type; refuse pages, JSON, videos and images that can script."""
    header = response.headers.get("Content-Type", "")
    kind = header.partition(";")[0].strip().lower()
    is_picture = kind.startswith("image/") and not kind.startswith("image/svg")
    if not is_picture and kind not in _OTHER_TYPES:
        raise SumsubWrongType("Sumsub sent something else than a document image.")
    packing = response.headers.get("Content-Encoding", "identity")
    if packing.strip().lower() != "identity":
        raise SumsubWrongType("Sumsub sent an image packed although we asked not to.")
    return kind[:100]


def _size_of(response: requests.Response) -> int | None:
    """Return the announced size, None where the chunks tell the end.

    An answer that says neither ends where the line breaks, so a half would pass.
    """
    header = response.headers.get("Content-Length", "").strip()
    if header.isascii() and header.isdecimal():
        return int(header[:18])
    if "chunked" in response.headers.get("Transfer-Encoding", "").lower():
        return None
    raise SumsubUnavailable("Sumsub does not say where the image ends.")
