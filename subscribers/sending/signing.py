"""Secrets and signatures as Standard Webhooks says (standardwebhooks.com, v1)."""

import base64
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

PREFIX = "whsec_"
_BYTES = 32  # the specification wants 24 to 64


def new_secret() -> str:
    """`whsec_` and random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def headers_for(
    webhook_id: str, at: datetime, body: bytes, living: Iterable[str]
) -> dict[str, str]:
    """The three headers; one signature for every living secret."""
    seconds = int(at.timestamp())
    said = f"{webhook_id}.{seconds}.".encode() + body
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(_signature(secret, said) for secret in living),
    }


def _signature(secret: str, said: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.digest(key, said, "sha256")
    return f"v1,{base64.b64encode(digest).decode()}"
