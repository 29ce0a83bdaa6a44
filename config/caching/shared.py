"""The cache that all processes share, and what each does while Redis is away."""

import json
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

from common.observing.measures import CACHE_FALLS
from config.caching.settings import ROOM

AWAY_SECONDS = 5.0  # so a Redis that hangs costs one request its wait, not each

log = logging.getLogger(__name__)


class Json:
    """Numbers, texts, lists and mappings; never pickles, which are code to whoever
    can write into Redis."""

    def dumps(self, value: Any) -> bytes:
        return json.dumps(value).encode()

    def loads(self, kept: bytes) -> Any:
        return json.loads(kept)


class SharedCache(RedisCache):
    """Redis; while it is away, each process keeps its own.

    So a pace is neither open nor closed then: the API answers, and who guesses meets
    the limit of each process instead of one for all. Failed log-ins are not counted
    here but in the database (django-axes).
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = partial(_Either, self.key_prefix)


class _Redis(RedisCacheClient):
    def __init__(self, prefix: str, servers: list[str], **options: Any) -> None:
        super().__init__(servers, **options)
        self._prefix = prefix

    def clear(self) -> bool:
        """Remove what is ours: the broker may live in the same database."""
        client = self.get_client(None, write=True)
        for key in client.scan_iter(f"{self._prefix}:*", count=1000):
            client.delete(key)
        return True


class _Either:
    """Asks Redis, or, for a while after it did not answer, the process's own cache."""

    away_until = 0.0  # of the process: Django makes a cache for each of its threads

    def __init__(self, prefix: str, servers: list[str], **options: Any) -> None:
        self._redis = _Redis(prefix, servers, **options)
        params = {"KEY_FUNCTION": _as_it_is, "OPTIONS": ROOM}
        self._alone = LocMemCache("while-redis-is-away", params)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self._ask, name)

    def _ask(self, name: str, *given: Any) -> Any:
        if time.monotonic() >= _Either.away_until:
            try:
                return getattr(self._redis, name)(*given)
            except RedisError as error:
                _Either.away_until = time.monotonic() + AWAY_SECONDS
                kind = type(error).__name__
                CACHE_FALLS.labels(kind).inc()
                log.warning("Redis did not answer (%s); paces count alone", kind)
        return getattr(self._alone, name)(*given)


def _as_it_is(key: str, _prefix: str, _version: int) -> str:
    """Keys come here with prefix and version already."""
    return key
