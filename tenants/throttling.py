"""Which login a failed try counts against."""

from typing import Any

from django.http import HttpRequest

from tenants.models import User


def login_typed(_: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Fold what was typed as the log-in does: capitals give no further tries."""
    typed = (credentials or {}).get(User.USERNAME_FIELD) or ""
    return str(typed).strip().lower()
