"""How often somebody may ask, and how often an address may fail to say who it is.

A pace is written as in "600/min" and counted as `common.observing.paces` counts.
"""

from typing import Any

from django.conf import settings
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from common.observing.paces import Pace


class PrincipalPace(BaseThrottle):
    """All that one user asks, by whatever session or token."""

    seconds = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        del view
        who = request.user.pk or _address(request)
        self.seconds = Pace.written("api", settings.API_RATE).take(who)
        return not self.seconds

    def wait(self) -> float:
        return self.seconds


def count_failure(request: Request) -> None:
    """Note a bearer that was refused; raise Throttled where too many were, of late.

    By address: guessing is slow, and so is asking why.
    """
    pace = Pace.written("api-failures", settings.API_FAILURE_RATE)
    if wait := pace.take(_address(request)):
        raise Throttled(wait=wait)


def _address(request: Request) -> str:
    """The address behind our own proxies; whoever writes further ones may lie."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    said = [*request.META.get("HTTP_X_FORWARDED_FOR", "").split(","), address]
    place = -1 - min(int(settings.API_PROXIES), len(said) - 1)
    return str(said[place]).strip()
