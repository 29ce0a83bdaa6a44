"""Tokens of the identity provider: checked in full, then matched to a user of ours."""

from dataclasses import dataclass
from typing import Any

import jwt
from django.conf import settings

from api.callers.issuer import (
    ALGORITHMS,
    IssuerUnavailableError,
    UnknownKeyError,
    issuer_at,
)
from api.models import ApiClient
from tenants.models import User

__all__ = ["IssuerUnavailableError", "TokenRefusedError", "user_of_bearer"]

LEEWAY_SECONDS = 30  # clocks differ
MAX_TOKEN = 8192  # characters
# What the header may call it: RFC 9068's name, or none in particular.
TYPES = ("JWT", "at+jwt", "application/at+jwt")


class TokenRefusedError(Exception):
    """It proves nothing; which check it failed is nobody's business outside."""


@dataclass(frozen=True)
class Bearer:
    user: User
    client: ApiClient | None = None


def user_of_bearer(token: str) -> Bearer:
    """Raises TokenRefusedError, IssuerUnavailableError."""
    claims = claims_of(token)
    client_id = str(claims.get("azp") or "")
    if _is_of_client(claims, client_id):
        return _client(client_id)
    return _person(claims)


def claims_of(token: str) -> dict[str, Any]:
    """What a token says, once its signature, issuer, audience and times hold."""
    if not settings.API_OIDC_ISSUER or len(token) > MAX_TOKEN:
        raise TokenRefusedError
    try:
        header = jwt.get_unverified_header(token)
        _refuse_header(header)
        key = issuer_at(settings.API_OIDC_ISSUER).key(header["kid"])
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=ALGORITHMS,
            issuer=settings.API_OIDC_ISSUER,
            audience=settings.API_OIDC_AUDIENCE,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except (jwt.PyJWTError, UnknownKeyError, ValueError, TypeError) as error:
        raise TokenRefusedError from error
    # An ID token or a refresh token of the same issuer is no key to the API.
    if claims.get("typ") != "Bearer" and "at+jwt" not in str(header.get("typ")):
        raise TokenRefusedError
    return claims


def _refuse_header(header: dict[str, Any]) -> None:
    """Before a key is looked for: nobody makes us fetch keys for such a token."""
    key_id = header.get("kid")
    if (
        header.get("alg") not in ALGORITHMS
        or header.get("typ") not in TYPES
        or "crit" in header
        or not isinstance(key_id, str)
        or not 0 < len(key_id) <= 200
    ):
        raise TokenRefusedError


def _is_of_client(claims: dict[str, Any], client_id: str) -> bool:
    """Whether the program signed in by itself: Keycloak then says so three times."""
    return bool(
        client_id
        and claims.get("client_id") == client_id
        and claims.get("preferred_username") == f"service-account-{client_id}"
        and "sid" not in claims
    )


def _client(client_id: str) -> Bearer:
    clients = ApiClient.objects.filter(client_id=client_id, is_active=True)
    client = clients.select_related("user__tenant").first()
    if client is None or not client.user.is_active:
        raise TokenRefusedError
    return Bearer(client.user, client)


def _person(claims: dict[str, Any]) -> Bearer:
    """As at single sign-on: a verified e-mail of staff we know."""
    email = str(claims.get("email") or "").strip().lower()
    if not email or claims.get("email_verified") is not True:
        raise TokenRefusedError
    staff = User.objects.filter(username=email, kind=User.Kind.STAFF, is_active=True)
    user = staff.select_related("tenant").first()
    if user is None:
        raise TokenRefusedError
    return Bearer(user)
