"""How every route of the API answers: who asks, pages, errors in one shape, once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.http import Http404
from django.http.request import UnreadablePostError
from django.urls import register_converter
from rest_framework import exceptions, serializers, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
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
    "INVALID_ACCOUNT_NUMBER": 422,
    "INVALID_EMAIL": 422,
    "INVALID_IBAN": 422,
    "INVALID_PHONE": 422,
    "TOO_MANY_REQUESTS": 429,
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
    503: "UNAVAILABLE",
}


class Refused(exceptions.APIException):
    """A refusal with a code of its own; `wait` (seconds) tells when to come back."""

    def __init__(
        self, status_code: int, error_code: str, message: str, *,
        wait: float | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.status_code, self.error_code, self.wait = status_code, error_code, wait


class KeyConverter:
    """A key in an address, in any case. What is none is nobody's, and no other page."""

    regex = "[^/]+"

    def to_python(self, text: str) -> UUID:
        try:
            return UUID(text)
        except ValueError:
            return UUID(int=0)

    def to_url(self, key: Any) -> str:
        return str(key)


register_converter(KeyConverter, "key")


class ErrorSerializer(serializers.Serializer[Any]):
    """The shape of every refusal (domain §18)."""

    status_code = serializers.IntegerField()
    error_code = serializers.CharField()
    message = serializers.CharField()
    details = serializers.DictField()


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

    def get_page_size(self, request: Request) -> int:
        said = request.query_params.get(self.page_size_query_param)
        return asked_limit(said, self.page_size, self.max_page_size)


def asked_limit(said: str | None, usual: int, most: int) -> int:
    """How long a page is to be. Raises Refused for what is no such length."""
    if said is None:
        return usual
    # Cut before it is read: Python refuses to read thousands of digits.
    number = int(said[:9]) if said.isascii() and said.isdigit() else 0
    if len(said) > 9 or not 0 < number <= most:
        message = f"`limit` is a number from 1 to {most}."
        raise Refused(400, "BAD_REQUEST", message)
    return number


def answer_error(error: Exception, _context: dict[str, Any]) -> Response | None:
    """Turn a refusal into `{status_code, error_code, message, details}`.

    None for what nobody foresaw: that is a 500 and is logged as such.
    """
    from rest_framework.views import set_rollback  # it reads settings that name us

    if isinstance(error, DomainError):
        set_rollback()
        details = {error.field: [error.message]} if error.field else error.details
        return error_answer(
            STATUS_OF.get(error.code, status.HTTP_409_CONFLICT),
            error.code, error.message, details,
        )  # fmt: skip
    refusal = _refusal_of(error)
    if refusal is None:
        return None
    set_rollback()
    return _answer_of(refusal)


def _refusal_of(error: Exception) -> exceptions.APIException | None:
    """What the framework says of a request, as the API says it; None for a fault."""
    match error:
        case exceptions.APIException():
            return error
        case Http404():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case RequestDataTooBig():
            return Refused(413, "BODY_TOO_LARGE", "The body is too large.")
        case SuspiciousOperation() | UnreadablePostError():
            return exceptions.ParseError("The request cannot be read.")
    return None


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
    known = CODE_OF.get(error.status_code, "CUSTOMER_ERROR")
    code = getattr(error, "error_code", known)
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


# --- once: the app above hangs here what makes a POST act once ----------------------
Post = Callable[..., Response]


@dataclass(frozen=True)
class Asked:
    """One POST: `act` does it, and is called once at most.

    `is_inside`: everything it does may stand in one transaction. A POST that speaks
    to the outside may not; it makes what it does harmless to do twice, by `once_id`.
    """

    request: Request
    act: Callable[[], Response] = field(repr=False)
    is_inside: bool = True


_keepers: list[Callable[[Asked], Any]] = []


def keep_with(keeper: Callable[[Asked], Any]) -> None:
    """Let `keeper` stand around every POST; called once, when the house starts."""
    _keepers[:] = [keeper]


def once(*, is_inside: bool = True) -> Callable[[Post], Post]:
    """Make a `post` of the API act once for each `Idempotency-Key`."""

    def wrap(post: Post) -> Post:
        @wraps(post)
        def answered(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
            def act() -> Response:
                return post(view, request, *args, **kwargs)

            asked = Asked(request, act, is_inside)
            return _keepers[0](asked) if _keepers else act()

        answered.acts_once = True  # type: ignore[attr-defined]
        return answered

    return wrap


def once_id(request: Request) -> Any:
    """The same id at every try of one key, for the row that is made; else None."""
    return getattr(request, "once_id", None)
