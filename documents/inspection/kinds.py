"""What a file is, told by its first bytes alone, and what people call that."""

import re

import puremagic

from documents.inspection.chunks import PNG, is_heic
from documents.inspection.tabular import is_text

WORDS = {
    "application/pdf": "a PDF",
    "image/jpeg": "a JPEG picture",
    "image/png": "a PNG picture",
    "image/webp": "a WEBP picture",
    "image/tiff": "a TIFF picture",
    "image/heic": "a HEIC picture",
    "text/csv": "a CSV file",
}
HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|script|iframe)\b", re.IGNORECASE
)
# How text that is no table begins, in this order.
TEXTS = (
    (re.compile(rb"<\?php", re.IGNORECASE), "a PHP script"),
    (HTML, "an HTML page"),
    (re.compile(rb"<.*<svg\b|<svg\b", re.IGNORECASE | re.DOTALL), "an SVG picture"),
    (re.compile(rb"<"), "a page of markup"),
    (re.compile(rb"#!|@echo\b", re.IGNORECASE), "a script"),
    (re.compile(rb"\{\\rtf", re.IGNORECASE), "an RTF document"),
    (re.compile(rb"%!PS"), "a PostScript program"),
)
# The library's endings in plain words; its own names serve for the rest.
PROGRAMS = {
    ".exe": "a Windows program",
    ".zip": "a ZIP archive",
    ".docx": "a ZIP archive",
    ".rar": "a RAR archive",
    ".7z": "a 7-Zip archive",
    ".gz": "a GZIP archive",
    ".doc": "an Office file",
    ".gif": "a GIF picture",
    ".bmp": "a BMP picture",
    ".mp4": "a film",
    ".mov": "a film",
}
# What the library would only guess at: offset, bytes, words.
STARTS = (
    (0, b"MZ", "a Windows program"),
    (0, b"\x7fELF", "a Linux program"),
    (4, b"ftypavif", "an AVIF picture"),
)
UNKNOWN = "a file of a type nobody knows"
# Below, the library has compared two bytes or fewer, which is guessing.
MIN_CONFIDENCE = 0.3


def content_type_of(head: bytes) -> str:
    """Return the type out of those we take; "" for anything else, text included."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if is_heic(head):
        return "image/heic"
    for start, content_type in (
        (b"%PDF-", "application/pdf"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (PNG, "image/png"),
        (b"II*\0", "image/tiff"),
        (b"MM\0*", "image/tiff"),
    ):
        if head.startswith(start):
            return content_type
    return ""


def foreign_text(head: bytes) -> str:
    """Name text that is no table, "" for what may be one."""
    begun = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((words for start, words in TEXTS if start.match(begun)), "")


def in_words(head: bytes) -> str:
    """Name what we do not take, with its article: `a Windows program`."""
    if is_text(head):
        return foreign_text(head) or "plain text"
    for offset, start, words in STARTS:
        if head.startswith(start, offset):
            return words
    if head.startswith(b"PK") and b"[Content_Types].xml" in head:
        return "an Office file"
    try:
        best = puremagic.magic_string(head)[0]
    except puremagic.PureError:
        return UNKNOWN
    # Nearly one of ours is still none of ours.
    is_ours = best.mime_type in WORDS
    if best.confidence < MIN_CONFIDENCE or is_ours:
        return UNKNOWN
    return PROGRAMS.get(best.extension) or f"something else ({best.name})"
