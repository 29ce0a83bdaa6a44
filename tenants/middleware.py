"""Show times in the zone of the signed-in user's institution."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone


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
