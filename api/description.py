"""How the API's description names what is common to all routes."""

from typing import Any

from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiExample, OpenApiResponse

from api.answers.idempotency import REPLAYED
from api.names import SCOPES
from common.api import CODE_OF, ErrorSerializer

KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": (
        "1 to 255 visible characters of your choice. The same key with the same body"
        f" within 24 hours gets the same answer, marked `{REPLAYED}: true`, and does"
        " nothing again. A refusal (4xx) frees the key."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
ID_HEADER = {
    "name": "X-Request-Id",
    "in": "header",
    "description": (
        "The name of the request in our logs. Every answer has one; yours is kept"
        " where the operator trusts callers to choose it."
    ),
    "schema": {"type": "string"},
}
_SAID: dict[int, str] = {
    400: "The request cannot be read.",
    401: "These credentials are not accepted.",
    403: "You do not have permission to perform this action.",
    404: "There is no such record.",
    409: "What stands in the way, in one sentence.",
    413: "The body is too large.",
    415: "Unsupported media type.",
    422: "Some of what was sent cannot be used.",
    429: "Too often; Retry-After says when to come back.",
    500: "Something went wrong on our side.",
    503: "Tokens cannot be checked at the moment; try again soon.",
}


def _error(status: int) -> OpenApiResponse:
    body = {
        "status_code": status,
        "error_code": CODE_OF.get(status, "CUSTOMER_ERROR"),
        "message": _SAID[status],
        "details": {"email": ["Enter a valid email address."]} if status == 422 else {},
    }
    example = OpenApiExample(f"{status}", value=body, response_only=True)
    return OpenApiResponse(
        ErrorSerializer, description=_SAID[status], examples=[example]
    )


# Every refusal in its shape, for `responses=` of a route.
ERRORS: dict[int, OpenApiResponse] = {status: _error(status) for status in _SAID}
_WHO_ASKS = "/api/v1/me"  # refuses for no reason of its own
# What any route may answer.
ANYWHERE = (400, 401, 403, 429, 500, 503)


def refusals(*more: int) -> dict[int, OpenApiResponse]:
    """The errors any route may answer, and those that this one may besides."""
    return {status: ERRORS[status] for status in sorted({*ANYWHERE, *more})}


class SessionOnlyScheme(SessionScheme):
    """The session cookie of staff, described as what it is."""

    target_class = "common.api.SessionOnly"
    name = "session"
    priority = 1


class BearerScheme(OpenApiAuthenticationExtension):
    """Two ways to fill in the same header."""

    target_class = "api.callers.authentication.Bearer"
    name = ["provider", "token"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        del auto_schema
        header = {"type": "http", "scheme": "bearer"}
        return [
            {**header, "bearerFormat": "JWT",
             "description": "Issued by the bank’s identity provider."},
            {**header, "bearerFormat": "vst_<prefix>_<secret>",
             "description": "Made under Settings, API tokens."},
        ]  # fmt: skip

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, Any]]:
        """Either will do; the library's own answer would ask for both at once."""
        del auto_schema
        return [{name: []} for name in self.name]


def describe_headers(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Name once what is true of all routes; a hook of the generator."""
    del generator, request, public
    common = result["paths"][_WHO_ASKS]["get"]["responses"]
    parameters = result["components"].setdefault("parameters", {})
    parameters |= {"IdempotencyKey": KEY_HEADER, "RequestId": ID_HEADER}
    for methods in result["paths"].values():
        for method, operation in methods.items():
            named = ["RequestId", *(["IdempotencyKey"] if method == "post" else [])]
            operation.setdefault("parameters", []).extend(
                {"$ref": f"#/components/parameters/{name}"} for name in named
            )
            # What a route says of its own refusals stays.
            said = {str(status): common[str(status)] for status in ANYWHERE}
            operation["responses"] = said | operation["responses"]
            if (code := operation["operationId"]) and f"api.{code}" in SCOPES:
                operation["x-permission"] = f"api.{code}"
    return result
