"""Where counts are kept for a while: in Redis for all processes, or by each alone."""

from typing import Any

from redis.backoff import NoBackoff
from redis.retry import Retry

REDIS = ("redis://", "rediss://")
ALONE = "django.core.cache.backends.locmem.LocMemCache"
# Django's 300 would be thrown out by 150 other callers, two counters each, and an
# exhausted pace be open again. Some tens of megabytes at most.
ROOM = {"MAX_ENTRIES": 100_000}


def caches(env: Any, broker_url: str) -> dict[str, dict[str, Any]]:
    """Return what CACHE_URL names, else the broker's Redis, else each process's own."""
    url = env.str("CACHE_URL", default="") or _of_broker(broker_url)
    if not url:
        return {"default": {"BACKEND": ALONE, "OPTIONS": ROOM}}
    return {
        "default": {
            "BACKEND": "config.caching.shared.SharedCache",
            "LOCATION": url,
            "KEY_PREFIX": "vestibule",
            "OPTIONS": {
                "serializer": "config.caching.shared.Json",
                # Seconds. The pages of the house wait for it.
                "socket_connect_timeout": 0.5,
                "socket_timeout": 0.5,
                # Once more at once: Redis may have been restarted since the last use.
                "retry": Retry(NoBackoff(), 1),
            },
        }
    }


def _of_broker(url: str) -> str:
    """The broker's Redis; of several the first, with Celery's word in redis-py's."""
    first = url.partition(";")[0]
    if not first.startswith(REDIS):
        return ""
    return first.replace("ssl_cert_reqs=CERT_REQUIRED", "ssl_cert_reqs=required")
