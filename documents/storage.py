"""The store of files: a bucket or a folder, whichever Django's storage is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core import signing
from django.core.files import File
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils.http import content_disposition_header

from common.observing.calls import Outcome, Provider, call_of, outcome_of_status

# Seconds that an address of a file works, for whoever has it.
SIGNED_URL_SECONDS = 60
SALT = "documents.file"


class StoreUnavailableError(Exception):
    """The store does not answer, or refuses; nobody can tell when that ends."""

    retry_after = None


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise StoreUnavailableError("The store has no such file.") from error
    except (BotoCoreError, ClientError, OSError) as error:
        raise StoreUnavailableError(
            f"The document store does not answer ({type(error).__name__})."
        ) from error


@contextmanager
def _asked() -> Iterator[None]:
    with _in_our_words(), call_of(Provider.STORE, _outcome_of):
        yield


def _outcome_of(error: Exception) -> Outcome:
    if isinstance(error, FileNotFoundError):
        return Outcome.REFUSED
    if isinstance(error, ClientError):
        answer = error.response.get("ResponseMetadata", {})
        return outcome_of_status(answer.get("HTTPStatusCode"))
    return Outcome.UNREACHABLE


def put(key: str, file: IO[bytes]) -> None:
    """Write the file from its beginning; a second time replaces the first.

    Raises StoreUnavailableError.
    """
    with _asked():
        file.seek(0)
        default_storage.save(key, File(file))


def fetch(key: str) -> IO[bytes]:
    """Open a stored file for reading; raises StoreUnavailableError."""
    with _asked():
        file: Any = default_storage.open(key)
        file.seek(0)
        return file  # type: ignore[no-any-return]


def erase(key: str) -> None:
    """Remove the bytes; harmless when they are gone. Raises StoreUnavailableError."""
    with _asked():
        default_storage.delete(key)


def has(key: str) -> bool:
    """Tell whether the store has it; raises StoreUnavailableError."""
    with _asked():
        return default_storage.exists(key)


def is_bucket() -> bool:
    return hasattr(default_storage, "bucket_name")


def signed_url(key: str, *, name: str, content_type: str) -> str:
    """An address at which the file is offered for SIGNED_URL_SECONDS, as `name`."""
    if is_bucket():
        parameters = {
            "ResponseContentDisposition": content_disposition_header(True, name),  # noqa: FBT003
            "ResponseContentType": content_type,
        }
        with _in_our_words():
            return str(
                default_storage.url(
                    key, parameters=parameters, expire=SIGNED_URL_SECONDS
                )  # type: ignore[call-arg]
            )
    token = signing.dumps([key, name, content_type], salt=SALT)
    return reverse("stored_file", args=[token])


def read_token(token: str) -> tuple[str, str, str] | None:
    """Key, name and content type of a local address; None when it is no more good."""
    try:
        key, name, content_type = signing.loads(
            token, salt=SALT, max_age=SIGNED_URL_SECONDS
        )
    except signing.BadSignature:
        return None
    return key, name, content_type
