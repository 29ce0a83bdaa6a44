"""What we ask of whoever keeps the customers' logins, in our words."""

import secrets
import string
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from common.errors import DomainError

# Letters and digits that nobody mistakes for one another when read from paper.
_CLEAR = [
    "".join(c for c in alphabet if c not in "Il1O0o")
    for alphabet in (string.ascii_uppercase, string.ascii_lowercase, string.digits)
]
_SIGNS = "-+=?!"
PASSWORD_LENGTH = 16


class IdentityError(DomainError):
    """The provider did not do as asked; the message names no personal data."""


class IdentityUnavailable(IdentityError):  # noqa: N818 - a state, not a mistake
    """Not now; the same request may succeed later."""

    code = "IDENTITY_UNAVAILABLE"


class LoginNameTaken(IdentityError):  # noqa: N818 - a state, not a mistake
    """Somebody else has the login name; staff must change it first."""

    code = "LOGIN_NAME_TAKEN"


class IdentityRefused(IdentityError):  # noqa: N818 - a state, not a mistake
    """The provider will not do this, however often it is asked."""

    code = "IDENTITY_REFUSED"


@dataclass(frozen=True)
class LoginRef:
    """Where a login is kept; `provider_id` is theirs."""

    provider: str
    provider_id: str
    login_name: str
    was_created: bool


class IdentityProvider(Protocol):
    """Keeps the logins of one institution. Every call is harmless to repeat.

    All raise IdentityUnavailable or IdentityRefused.
    """

    name: str

    def ensure_user(
        self, *, customer_id: str, login_name: str, email: str, phone: str, name: str
    ) -> LoginRef:
        """Find the customer's login, or make it. Raises LoginNameTaken."""
        ...

    def set_enabled(self, provider_id: str, *, is_enabled: bool) -> None:
        """Let them sign in or not; not also ends what they are signed in to."""
        ...

    def set_one_time_password(self, provider_id: str) -> str:
        """Return a new password that must be changed at the first sign-in."""
        ...

    def update_email(self, provider_id: str, *, email: str, login_name: str) -> None:
        """Follow the customer's e-mail and login name. Raises LoginNameTaken."""
        ...

    def sign_in_url(self) -> str:
        """Where the customer signs in."""
        ...


def get_identity_provider(tenant_slug: str, name: str = "") -> IdentityProvider:
    """Return an institution's provider: the one called `name`, else the configured.

    A login stays with the provider that made it, also after a change of settings.
    """
    if (name or configured_provider()) == "keycloak":
        if not settings.KEYCLOAK_SERVER_URL:
            raise IdentityRefused("The login is at Keycloak, which is not configured.")
        from onboarding.keycloak.gateway import KeycloakProvider

        return KeycloakProvider(tenant_slug)
    from onboarding.embedded import EmbeddedProvider

    return EmbeddedProvider(tenant_slug)


def configured_provider() -> str:
    return "keycloak" if settings.KEYCLOAK_SERVER_URL else "embedded"


def make_one_time_password() -> str:
    """Return a random password with every kind of sign, about 90 bits."""
    kinds = [*_CLEAR, _SIGNS]
    picked = [secrets.choice(kind) for kind in kinds]
    everything = "".join(kinds)
    picked += [secrets.choice(everything) for _ in range(PASSWORD_LENGTH - len(picked))]
    secrets.SystemRandom().shuffle(picked)
    return "".join(picked)
