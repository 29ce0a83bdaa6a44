"""Every answer below /api/ in one shape, kept by nobody on the way."""

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from common.api import CODE_OF

MESSAGES = {
    400: "The request cannot be read.",
    403: "This is not for you.",
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
}
FAULT = "Something went wrong on our side; nothing about it is in this answer."


class ApiAnswersMiddleware:
    """What Django answers by itself (no such address, a fault) is a page elsewhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith("/api/"):
            return self.get_response(request)
        if _has_nul(request):
            answer: HttpResponseBase = shaped(400)
        else:
            answer = self.get_response(request)
        if answer.status_code >= 400 and not _is_json(answer):
            answer = shaped(answer.status_code)
        answer["Cache-Control"] = "no-store"
        return answer


def _has_nul(request: HttpRequest) -> bool:
    """No column holds a NUL, so no answer depends on one."""
    query = request.META.get("QUERY_STRING", "")
    return "\x00" in request.path_info or "%00" in query or "\x00" in query


def _is_json(answer: HttpResponseBase) -> bool:
    kind: str = answer.headers.get("Content-Type", "")
    return kind.partition(";")[0].strip() == "application/json"


def shaped(status: int) -> HttpResponse:
    """An error in our shape, where no view could write it."""
    body = {
        "status_code": status,
        "error_code": CODE_OF.get(status, "CUSTOMER_ERROR"),
        "message": MESSAGES.get(status, FAULT),
        "details": {},
    }
    return HttpResponse(
        json.dumps(body), status=status, content_type="application/json"
    )
