"""How often somebody may ask, and how often an address may fail to say who it is.

Counts stand in Django's cache; each process of the web has its own unless the cache
is shared. A pace is written as in "600/min".
"""

from typing import Any, ClassVar

from django.conf import settings
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


class _Pace(SimpleRateThrottle):
    setting: ClassVar[str]
    num_requests: int
    duration: int

    def get_rate(self) -> str:
        """Read late, so that settings may change it."""
        return str(getattr(settings, self.setting))

    def get_ident(self, request: Request) -> str:
        """The address behind our own proxies; whoever writes further ones may lie."""
        address = str(request.META.get("REMOTE_ADDR", ""))
        said = [*request.META.get("HTTP_X_FORWARDED_FOR", "").split(","), address]
        place = -1 - min(int(settings.API_PROXIES), len(said) - 1)
        return str(said[place]).strip()


class PrincipalPace(_Pace):
    """All that one user asks, by whatever session or token."""

    setting = "API_RATE"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        del view
        who = request.user.pk or self.get_ident(request)
        return f"api-pace:{who}"


class FailurePace(_Pace):
    """Bearers that were refused, by address: guessing is slow, and so is asking why."""

    setting = "API_FAILURE_RATE"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        del view
        return f"api-failures:{self.get_ident(request)}"

    def refuse_failing(self, request: Request) -> None:
        """Raise Throttled for an address that failed too often of late."""
        failures = self._failures(request)
        if len(failures) >= self.num_requests:
            wait = failures[-1] + self.duration - self.timer()
            raise Throttled(wait=max(wait, 1))

    def note(self, request: Request) -> None:
        failures = [self.timer(), *self._failures(request)][: self.num_requests]
        key = self.get_cache_key(request, None)
        self.cache.set(key, failures, self.duration)

    def _failures(self, request: Request) -> list[float]:
        """When it failed within the time that counts, the newest first."""
        since = self.timer() - self.duration
        known = self.cache.get(self.get_cache_key(request, None), [])
        return [at for at in known if at > since]
