"""Sign requests the way Sumsub checks them."""

import hashlib
import hmac

from requests import PreparedRequest


def signature(
    secret_key: str, *, timestamp: str, method: str, target: str, body: bytes
) -> str:
    """Return the lowercase hex HMAC-SHA256 over timestamp, METHOD, target and body.

    ``target`` is path and query exactly as they go over the wire.
    """
    message = f"{timestamp}{method.upper()}{target}".encode() + body
    return hmac.new(secret_key.encode(), message, hashlib.sha256).hexdigest()


def sign(
    request: PreparedRequest, *, app_token: str, secret_key: str, timestamp: int
) -> None:
    """Put token, time (Unix seconds) and signature on the request.

    Call it last: whatever changes URL or body afterwards breaks the signature.
    """
    stamp = str(timestamp)
    request.headers["X-App-Token"] = app_token
    request.headers["X-App-Access-Ts"] = stamp
    request.headers["X-App-Access-Sig"] = signature(
        secret_key,
        timestamp=stamp,
        method=request.method or "",
        target=request.path_url,
        body=body_bytes(request),
    )


def body_bytes(request: PreparedRequest) -> bytes:
    """Return the body as it will be sent; nothing at all when there is none."""
    if request.body is None:
        return b""
    if isinstance(request.body, str):
        return request.body.encode()
    if isinstance(request.body, bytes):
        return request.body
    raise TypeError("Only a body of known bytes can be signed.")
