"""How the stand-in says no, in the provider's shape."""

from typing import Any
from uuid import uuid4

from django.http import JsonResponse


class RefusalError(Exception):
    """A request the provider would refuse; shown on pages and sent as JSON."""

    def __init__(
        self,
        description: str,
        *,
        status: int = 409,
        error_code: int | None = None,
        error_name: str = "",
        retry_after: int | None = None,
    ) -> None:
        super().__init__(description)
        self.description = description
        self.status = status
        self.error_code = error_code
        self.error_name = error_name
        self.retry_after = retry_after

    def as_response(self) -> JsonResponse:
        """Return the provider's error object."""
        answer: dict[str, Any] = {
            "description": self.description,
            "code": self.status,
            "correlationId": uuid4().hex,
        }
        if self.error_code is not None:
            answer |= {"errorCode": self.error_code, "errorName": self.error_name}
        response = JsonResponse(answer, status=self.status)
        if self.retry_after is not None:
            response["Retry-After"] = str(self.retry_after)
        return response


def unauthorized(error_code: int, error_name: str, description: str) -> RefusalError:
    """Return the refusal of a request that proves nothing."""
    return RefusalError(
        description, status=401, error_code=error_code, error_name=error_name
    )


def not_found() -> RefusalError:
    """Return the refusal for an applicant nobody knows."""
    return RefusalError("Applicant not found", status=404)
