"""How files enter: written to disk as they come, hashed, and never beyond the cap."""

import hashlib
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest

MAX_FILE_BYTES = 25 * 1024**2
# The file, and the form around it.
MAX_REQUEST_BYTES = MAX_FILE_BYTES + 256 * 1024
TOO_LARGE = "The file is larger than 25 MB."


class CappedUpload(TemporaryFileUploadHandler):
    """The only way in for files: the whole file is never in memory.

    A request that is too large ends early and says so in `is_upload_too_large`; its
    file is not among the request's FILES. Every file carries its `sha256`.
    """

    file: TemporaryUploadedFile

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        del kwargs
        content_length: int = args[2]
        if content_length > MAX_REQUEST_BYTES:
            self._refuse()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        # Nothing is read of a body that announced itself as too large.
        if is_too_large(self.request):
            raise StopUpload(connection_reset=True)
        super().new_file(*args, **kwargs)
        self._digest, self._received = hashlib.sha256(), 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002
        self._received += len(raw_data)
        if self._received > MAX_FILE_BYTES:
            self._refuse()
            self.file.close()
            raise StopUpload(connection_reset=True)
        self._digest.update(raw_data)
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile | None:  # type: ignore[type-arg]
        file = super().file_complete(file_size)
        if file is not None:
            file.sha256 = self._digest.hexdigest()  # type: ignore[attr-defined]
        return file

    def _refuse(self) -> None:
        if self.request is not None:
            self.request.is_upload_too_large = True  # type: ignore[attr-defined]


def is_too_large(request: HttpRequest | None) -> bool:
    return bool(getattr(request, "is_upload_too_large", False))
