"""The identity provider's public keys: fetched seldom, kept for a while, bounded."""

import json
import threading
import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests

ALGORITHMS = ("RS256", "ES256")
TIMEOUT = (3.05, 5)  # seconds: connect, read
FRESH_SECONDS = 3600
# With the provider away, keys we know serve on; after that they may be long revoked.
STALE_SECONDS = 24 * 3600
# Whoever makes up key ids cannot make us ask more often.
ASK_EVERY_SECONDS = 10
MAX_ANSWER_BYTES = 256 * 1024
MAX_KEYS = 50


class IssuerUnavailableError(Exception):
    """The provider does not answer, and without it the token cannot be judged."""


class UnknownKeyError(Exception):
    """The provider has no such key."""


@dataclass
class Issuer:
    """One provider and the keys it last named."""

    address: str
    _keys: dict[str, jwt.PyJWK] = field(default_factory=dict)
    _fetched_at: float | None = None
    _asked_at: float | None = None
    _has_failed: bool = False
    _asking: threading.Lock = field(default_factory=threading.Lock)

    def key(self, key_id: str) -> jwt.PyJWK:
        """Raises UnknownKeyError, IssuerUnavailableError."""
        known = self._keys.get(key_id)
        if known and self._age() < FRESH_SECONDS:
            return known
        serves_on = known is not None and self._age() < STALE_SECONDS
        # While one thread asks, those with a key that serves do not stand in line.
        if self._asking.acquire(blocking=not serves_on):
            try:
                self._ask_if_it_is_time(key_id)
            finally:
                self._asking.release()
        has_failed, age = self._has_failed, self._age()
        known = self._keys.get(key_id)
        if known and age < STALE_SECONDS:
            return known
        if has_failed or age >= STALE_SECONDS:
            raise IssuerUnavailableError(self.address)
        raise UnknownKeyError(key_id)

    def _age(self) -> float:
        """Seconds since the keys came; no end of them where none did."""
        if self._fetched_at is None:
            return float("inf")
        return time.monotonic() - self._fetched_at

    def _ask_if_it_is_time(self, key_id: str) -> None:
        now = time.monotonic()
        if self._asked_at is not None and now - self._asked_at < ASK_EVERY_SECONDS:
            return
        if key_id in self._keys and self._age() < FRESH_SECONDS:
            return  # another thread asked while we waited
        self._asked_at = now
        try:
            self._keys = _keys_of(self.address)
        except (requests.RequestException, ValueError, KeyError, TypeError):
            self._has_failed = True
        else:
            self._has_failed, self._fetched_at = False, time.monotonic()


@lru_cache(maxsize=4)
def issuer_at(address: str) -> Issuer:
    return Issuer(address)


def _keys_of(address: str) -> dict[str, jwt.PyJWK]:
    found = _json(f"{address}/.well-known/openid-configuration")
    if found["issuer"] != address:
        raise ValueError("The provider calls itself otherwise.")
    place = str(found["jwks_uri"])
    if urlsplit(place).scheme not in ("https", urlsplit(address).scheme):
        raise ValueError("The keys are offered without TLS.")
    keys: dict[str, jwt.PyJWK] = {}
    for said in _json(place)["keys"][:MAX_KEYS]:
        if key := _signing_key(said):
            keys[str(said["kid"])] = key
    if not keys:
        raise ValueError("The provider offers no key we could use.")
    return keys


def _json(address: str) -> dict[str, Any]:
    answer = requests.get(address, timeout=TIMEOUT, allow_redirects=False, stream=True)
    with answer:
        answer.raise_for_status()
        content = b""
        for chunk in answer.iter_content(16 * 1024):
            content += chunk
            if len(content) > MAX_ANSWER_BYTES:
                raise ValueError("The provider’s answer is too long.")
    if answer.status_code != 200:
        raise ValueError(f"The provider answered {answer.status_code}.")
    said = json.loads(content)
    if not isinstance(said, dict):
        raise TypeError("The provider’s answer is no object.")
    return said


def _signing_key(said: dict[str, Any]) -> jwt.PyJWK | None:
    """A key that may sign tokens by an algorithm of ours; None for any other."""
    if said.get("use", "sig") != "sig" or not said.get("kid"):
        return None
    if said.get("kty") not in ("RSA", "EC"):  # "oct" is a shared secret
        return None
    try:
        key = jwt.PyJWK(said)
    except jwt.PyJWTError:
        return None
    return key if key.algorithm_name in ALGORITHMS else None
