"""Give each request an id, count it, and write the line of the access log."""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from common.observing.measures import REQUEST_SECONDS, REQUESTS
from common.observing.request_id import caused_by, is_sane, made_request_id
from config.observing.lines import view_of

HEADER = "X-Request-ID"
# Anybody may invent a method; a label may not grow with them.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Asked every few seconds by machines; a line for each says nothing.
QUIET = frozenset({"config.health.live", "config.health.ready", "metrics", "none"})

log = logging.getLogger("vestibule.requests")


class ObservingMiddleware:
    """The first of all, so that what the others say and answer bears the id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id, began = _id_of(request), time.monotonic()
        with caused_by(request_id):
            response = self.get_response(request)
            _tell(request, response.status_code, time.monotonic() - began)
        response[HEADER] = request_id
        return response


def _id_of(request: HttpRequest) -> str:
    """The proxy's, where it is trusted and of a sane shape; else one of ours."""
    given = request.headers.get(HEADER, "")
    if settings.TRUST_REQUEST_ID and is_sane(given):
        return given
    return made_request_id()


def _tell(request: HttpRequest, status: int, seconds: float) -> None:
    view = view_of(request)
    method = request.method if request.method in METHODS else "OTHER"
    REQUESTS.labels(view, method, f"{status // 100}xx").inc()
    REQUEST_SECONDS.labels(view).observe(seconds)
    if view not in QUIET:
        fields = {"view": view, "method": method, "status": status}
        fields["milliseconds"] = round(seconds * 1000)
        log.info("Answered", extra={"fields": fields})
