"""Staff sign in through the bank's own identity provider (OpenID Connect)."""

from typing import Any

from django.http import HttpRequest
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from tenants.models import User


class StaffOIDCBackend(OIDCAuthenticationBackend):  # type: ignore[misc]
    """Matches a verified e-mail to a staff login we know; creates and changes nobody.

    Who may do what stays in our own roles: the provider only says who it is.
    """

    def verify_claims(self, claims: dict[str, Any]) -> bool:
        return bool(claims.get("email")) and claims.get("email_verified") is True

    def filter_users_by_claims(self, claims: dict[str, Any]) -> Any:
        email = str(claims.get("email", "")).strip().lower()
        return User.objects.filter(username=email, kind=User.Kind.STAFF, is_active=True)

    def create_user(self, claims: dict[str, Any]) -> None:
        """Nobody is let in whom an administrator has not registered."""

    def update_user(self, user: User, claims: dict[str, Any]) -> User:  # noqa: ARG002
        return user


def is_single_sign_on(_: HttpRequest, credentials: dict[str, Any] | None) -> bool:
    """Tell django-axes not to count: no password is tried at our door.

    Without a name to count by, a few strangers would lock out everybody who comes
    from the same address. The provider throttles its own log-in.
    """
    return "nonce" in (credentials or {})
