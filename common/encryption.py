"""Columns that are encrypted at rest, with keys that can be rotated."""

import base64
import hashlib
import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


@lru_cache(maxsize=8)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _keys() -> tuple[str, ...]:
    if keys := tuple(settings.FIELD_ENCRYPTION_KEYS):
        return keys
    if settings.DEBUG:
        digest = hashlib.sha256(settings.SECRET_KEY.encode()).digest()
        return (base64.urlsafe_b64encode(digest).decode(),)
    raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS is not set.")


def encrypt(plain: bytes) -> str:
    """Return a Fernet token (text) made with the first key."""
    return _box(_keys()).encrypt(plain).decode()


def decrypt(token: str) -> bytes:
    """Return what `encrypt` was given; any living key opens it.

    Raises ImproperlyConfigured when no key fits: a lost key is an operator's matter.
    """
    try:
        return _box(_keys()).decrypt(token.encode())
    except InvalidToken as error:
        message = "No key in FIELD_ENCRYPTION_KEYS opens a stored value."
        raise ImproperlyConfigured(message) from error


class _EncryptedField(models.TextField):  # type: ignore[type-arg]
    """A text column to the database and to migrations, which import no code of ours."""

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _, args, kwargs = super().deconstruct()
        kwargs.pop("default", None)
        return name, "django.db.models.TextField", args, kwargs


class EncryptedTextField(_EncryptedField):
    """Text in Python, a Fernet token in the database; "" stays ""."""

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return decrypt(value).decode() if value else value

    def get_prep_value(self, value: Any) -> Any:
        return encrypt(str(value).encode()) if value else value


class EncryptedBytesField(_EncryptedField):
    """Bytes in Python, a Fernet token in the database."""

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, *_: Any) -> bytes | None:
        return decrypt(value) if value else b""

    def get_prep_value(self, value: Any) -> Any:
        return encrypt(value) if value else ""

    def value_to_string(self, obj: models.Model) -> str:
        return base64.b64encode(self.value_from_object(obj)).decode()

    def to_python(self, value: Any) -> Any:
        return base64.b64decode(value) if isinstance(value, str) else value


class EncryptedJSONField(_EncryptedField):
    """A JSON object in Python, a Fernet token in the database."""

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        return json.loads(decrypt(value)) if value else {}

    def get_prep_value(self, value: Any) -> Any:
        if not value:
            return ""
        # Sorted, so that the same details always are the same text before encryption.
        return encrypt(
            json.dumps(value, cls=DjangoJSONEncoder, sort_keys=True).encode()
        )

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) and value else value or {}

    def value_to_string(self, obj: models.Model) -> str:
        return json.dumps(self.value_from_object(obj), cls=DjangoJSONEncoder)
