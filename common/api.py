"""How every route of the API answers: who asks, pages, and one shape of errors."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response

from common.errors import DomainError

STATUS_OF = {
    "DUPLICATE_CUSTOMER": 409,
    "PHONE_ALREADY_REGISTERED": 409,
    "ILLEGAL_TRANSITION": 409,
    "STALE_VERSION": 409,
    "FORBIDDEN": 403,
    "FILE_TOO_LARGE": 413,
    "FILE_REFUSED": 422,
    "DATA_VALIDATION_FAILED": 422,
}
CODE_OF = {
    400: "BAD_REQUEST",
    401: "NOT_AUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    413: "FILE_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "DATA_VALIDATION_FAILED",
    429: "TOO_MANY_REQUESTS",
}


class SessionOnly(SessionAuthentication):
    """Staff's own session, with its CSRF check; who has none gets 401, not 403."""

    def authenticate_header(self, _request: Any) -> str:
        return "Session"


class Pages(CursorPagination):
    """Pages by cursor: stable while rows are added, and as quick at the end."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"
    ordering = "-id"


def answer_error(error: Exception, _context: dict[str, Any]) -> Response | None:
    """Turn a refusal into `{status_code, error_code, message, details}`.

    None for what nobody foresaw: that is a 500 and is logged as such.
    """
    from rest_framework.views import set_rollback  # it reads settings that name us

    if isinstance(error, DomainError):
        set_rollback()
        details = {error.field: [error.message]} if error.field else {}
        return error_answer(
            STATUS_OF.get(error.code, status.HTTP_409_CONFLICT),
            error.code, error.message, details,
        )  # fmt: skip
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    return _answer_of(error)


def _answer_of(error: exceptions.APIException) -> Response:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    if isinstance(error, exceptions.ValidationError):
        message = "Some of what was sent cannot be used."
        details = error.detail if isinstance(error.detail, dict) else {}
        return error_answer(422, "DATA_VALIDATION_FAILED", message, details)
    code = CODE_OF.get(error.status_code, "CUSTOMER_ERROR")
    message = str(error.detail)
    return error_answer(error.status_code, code, message, {}, headers)


def error_answer(
    status_code: int, error_code: str, message: str, details: Any,
    headers: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    body = {
        "status_code": status_code,
        "error_code": error_code,
        "message": message,
        "details": details,
    }
    return Response(body, status=status_code, headers=headers)
