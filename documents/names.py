"""Names of files: as they came, as we keep them, as we hand them out."""

import re
import unicodedata
from uuid import UUID

# Every type that is taken, with its endings; the first is the one we write.
ENDINGS = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "image/tiff": (".tif", ".tiff"),
    "image/heic": (".heic", ".heif"),
    "text/csv": (".csv",),
}
MAX_NAME = 255
MAX_SANITISED = 120
NAMELESS = "document"
# Controls, formats (joiners, bidi overrides), halves of characters, line separators.
HIDDEN = frozenset(["Cc", "Cf", "Cs", "Zl", "Zp"])
# Windows opens a device, whatever the ending.
DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)
# With a letter in it, or "Statement 2024.01" would end in something.
EXTENSION = re.compile(r"\.(?=[0-9]*[A-Za-z])[A-Za-z0-9]{1,10}\Z")


def original_name(name: str) -> str:
    """Clean what a browser sent: no path, nothing hidden, at most 255 characters."""
    seen = "".join(c for c in name if unicodedata.category(c) not in HIDDEN)
    parts = re.split(r"[/\\]", unicodedata.normalize("NFC", seen))
    # Windows drops dots and spaces at the end, so they may not hide the ending.
    last = next((p for p in map(_trim, reversed(parts)) if p), "")
    extension = _written_extension(last)
    stem = last[: len(last) - len(extension)].strip() or NAMELESS
    return stem[: MAX_NAME - len(extension)] + extension


def _trim(part: str) -> str:
    return re.sub(r"[\s.]+\Z", "", part.lstrip())


def _written_extension(name: str) -> str:
    found = EXTENSION.search(name)
    return found.group() if found else ""


def extension_of(name: str) -> str:
    """Return `.pdf` of `Passport.PDF`; "" where a name has none."""
    return _written_extension(name).lower()


def sanitised_name(name: str) -> str:
    """Make every run of other than letters, digits and hyphens one hyphen (§10).

    `Reçu d’impôt.pdf` -> `Reçu-d-impôt-pdf`; at most 120 characters.
    """
    clean = unicodedata.normalize("NFC", name)
    kept: list[str] = []
    for character in clean:
        if _is_kept(character, kept[-1] if kept else ""):
            kept.append(character)
        elif not kept or kept[-1] != "":
            kept.append("")  # one run, whatever its length
    text = "".join(c or "-" for c in kept)[:MAX_SANITISED]
    return text if text.strip("-") else NAMELESS


def _is_kept(character: str, before: str) -> bool:
    if character.isalpha() or character.isdecimal() or character == "-":
        return True
    # Vowel signs (Hindi, Thai) are part of the letter they stand on.
    is_sign = unicodedata.category(character) in ("Mc", "Mn")
    return is_sign and before not in ("", "-") and not before.isdecimal()


def storage_key(document_id: UUID | str, content_type: str) -> str:
    """Return where the bytes are kept (§10); nothing of it is the sender's."""
    extension = {"application/pdf": ".pdf", "text/csv": ".csv"}.get(content_type, "")
    return f"documents/customer_document/{document_id}{extension}"


def download_name(sanitised: str, content_type: str) -> str:
    """Return a name to offer a file under: `Passport-pdf` -> `Passport.pdf`.

    Letters, digits and hyphens only, so it needs no quoting; letters may be beyond
    ASCII, so a header needs its `filename*` form.
    """
    endings = ENDINGS.get(content_type, (".bin",))
    stem = sanitised_name(sanitised)
    written = [e for e in endings if stem.lower().endswith("-" + e[1:])]
    if written:
        stem = stem[: -len(written[0])]
    # A hyphen in front is an option to whoever types the name into a command.
    stem = stem.strip("-") or NAMELESS
    if DEVICE.fullmatch(stem):
        stem = f"{NAMELESS}-{stem}"
    return stem + endings[0]
