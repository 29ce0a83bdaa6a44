"""Who may go to the pages of the API's callers, by §1; rows of tests/routes.py."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from api.models import ApiClient, ApiToken

ADMINISTRATOR = {"administrator"}
EVERYBODY = {
    "client_facing", "compliance_officer", "senior_manager", "governing_body",
    "teller", "auditor", *ADMINISTRATOR,
}  # fmt: skip


def token_form(_: dict[str, Any]) -> dict[str, Any]:
    ends = timezone.now().date() + timedelta(days=9)
    return {"name": "Report", "scopes": "api.income", "expires_on": ends.isoformat()}


def _client(_: dict[str, Any]) -> dict[str, Any]:
    return {"client_id": "nightly", "name": "Nightly report", "roles": "auditor"}


def _changed(_: dict[str, Any]) -> dict[str, Any]:
    return {"name": "Renamed", "roles": "teller", "is_active": "on", "reason": "Moved"}


def _why(_: dict[str, Any]) -> dict[str, Any]:
    return {"reason": "Lost"}


_T, _C = "api_apitoken", "api_apiclient"
API_PAGES: tuple[dict[str, Any], ...] = (
    {"name": f"{_T}_changelist", "may": EVERYBODY},
    {"name": f"{_T}_add", "may": EVERYBODY, "body": token_form},
    # The row is a colleague's: only administrators see those of others.
    {"name": f"{_T}_change", "may": ADMINISTRATOR, "row": "api_token"},
    {"name": f"{_T}_revoke", "may": ADMINISTRATOR, "row": "api_token", "body": _why},
    {"name": f"{_C}_changelist", "may": ADMINISTRATOR},
    {"name": f"{_C}_add", "may": ADMINISTRATOR, "body": _client},
    {
        "name": f"{_C}_change", "may": ADMINISTRATOR, "row": "api_client",
        "body": _changed,
    },
)  # fmt: skip
VERSIONS = {_C: ("api_client", ADMINISTRATOR)}
ADDED = {_T, _C}


def api_rows(one: Callable[..., Any]) -> dict[str, Any]:
    return {
        "api_token": one(ApiToken, revoked_at=None),
        "api_client": one(ApiClient),
    }
