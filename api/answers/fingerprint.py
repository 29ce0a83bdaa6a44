"""What was asked, as one hash: method, address and body of a request."""

import hashlib
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from rest_framework.request import Request


def fingerprint_of(request: Request) -> str:
    """SHA-256 in hex. A form is taken by its fields: boundaries differ each time."""
    found = hashlib.sha256()
    _add(found, str(request.method), request.get_full_path())
    if (request.content_type or "").startswith("multipart/"):
        form: Any = request.data
        for name in sorted(form):
            for value in form.getlist(name):
                _add(found, name, value)
    else:
        _add(found, request.content_type or "", request._request.body)  # noqa: SLF001 - the bytes as they came
    return found.hexdigest()


def _add(found: Any, *parts: Any) -> None:
    """Each with its kind and length, so that no two lists look alike."""
    for part in parts:
        if isinstance(part, UploadedFile):
            digest = hashlib.sha256()
            for chunk in part.chunks():
                digest.update(chunk)
            part.seek(0)
            _add(found, part.name or "", digest.digest())
            continue
        content = (
            part if isinstance(part, bytes) else str(part).encode(errors="replace")
        )
        found.update(f"{type(part).__name__}:{len(content)}:".encode())
        found.update(content)
