"""Keyed fingerprints, by which encrypted columns can be searched for equality."""

import hashlib
import hmac

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def _key() -> bytes:
    if key := settings.BLIND_INDEX_KEY:
        return str(key).encode()
    if settings.DEBUG:
        return hashlib.sha256(f"blind index {settings.SECRET_KEY}".encode()).digest()
    raise ImproperlyConfigured("BLIND_INDEX_KEY is not set.")


def blind_index(purpose: str, text: str) -> str:
    """Return 64 hex digits: the same for the same text, and telling nothing of it.

    Each purpose has a key of its own, so that equal texts of two columns do not meet.
    The caller writes the text in one form first; another key finds nothing any more.
    """
    own = hmac.new(_key(), purpose.encode(), hashlib.sha256).digest()
    return hmac.new(own, text.encode(), hashlib.sha256).hexdigest()
