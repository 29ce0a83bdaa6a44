"""Keep a session while it is used; show times in the zone of the institution."""

import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

SEEN = "seen_at"
SEEN_EVERY = 60  # seconds: a page that only reads writes no row


class KeepSessionMiddleware:
    """Let the idle hour begin anew with every minute in which the session is used."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        session = request.session
        # Only a session that was read and holds something: the webhook has none.
        if session.accessed and not session.is_empty():
            now = int(time.time())
            if now - session.get(SEEN, 0) >= SEEN_EVERY:
                session[SEEN] = now
        return answer


class TenantTimeZoneMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The webhook and the probes have no session; do not make them look for one.
        if request.path.startswith(("/webhooks/", "/health/")):
            return self.get_response(request)
        tenant = getattr(request.user, "tenant", None)
        with timezone.override(ZoneInfo(tenant.time_zone) if tenant else None):
            return self.get_response(request)
