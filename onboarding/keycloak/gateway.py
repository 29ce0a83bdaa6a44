"""Customers' logins in a Keycloak realm, through its admin API."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from django.conf import settings
from keycloak import KeycloakAdmin, KeycloakOpenIDConnection
from keycloak.exceptions import KeycloakError

from common.observing.calls import Outcome, Provider, call_of, outcome_of_status
from onboarding.identity import (
    IdentityError,
    IdentityRefused,
    IdentityUnavailable,
    LoginNameTaken,
    LoginRef,
    make_one_time_password,
)

# Seconds to connect and to read; the second is above Keycloak's slowest hash.
TIMEOUT = (3.05, 10.0)
# Answers of HTTP that another try may change; 401 and 403 are ours to configure.
_LATER = frozenset({401, 403, 408, 429})
Answer = TypeVar("Answer")


class KeycloakProvider:
    """Speaks to one realm; `{tenant}` in its name gives each institution its own."""

    name = "keycloak"

    def __init__(self, tenant_slug: str) -> None:
        self.realm = settings.KEYCLOAK_REALM.replace("{tenant}", tenant_slug)
        self.server = settings.KEYCLOAK_SERVER_URL.rstrip("/")

    def ensure_user(
        self, *, customer_id: str, login_name: str, email: str, phone: str, name: str
    ) -> LoginRef:
        """Find the login by the customer's id first, so a repeat makes no second.

        `phone` has no place of its own in the realm; it counts as login name alone.
        """
        del phone
        if known := self._find(customer_id):
            return known
        asked = {
            "username": login_name,
            "email": email,
            "firstName": name,
            "enabled": True,
            "emailVerified": False,
            "attributes": {"customer_id": [customer_id]},
        }
        try:
            provider_id = self._ask(lambda admin: admin.create_user(asked))
        except LoginNameTaken:
            # Perhaps our own earlier try, whose answer was lost.
            if known := self._find(customer_id):
                return known
            raise
        return LoginRef(self.name, str(provider_id), login_name, was_created=True)

    def set_enabled(self, provider_id: str, *, is_enabled: bool) -> None:
        self._change(provider_id, enabled=is_enabled)
        if not is_enabled:
            self._ask(lambda admin: admin.user_logout(provider_id))

    def set_one_time_password(self, provider_id: str) -> str:
        password = make_one_time_password()
        self._ask(
            lambda admin: admin.set_user_password(provider_id, password, temporary=True)
        )
        return password

    def update_email(self, provider_id: str, *, email: str, login_name: str) -> None:
        self._change(provider_id, email=email, username=login_name)

    def sign_in_url(self) -> str:
        return f"{self.server}/realms/{self.realm}/account/"

    def _find(self, customer_id: str) -> LoginRef | None:
        query = {"q": f"customer_id:{customer_id}", "first": 0, "max": 1}
        users = self._ask(lambda admin: admin.get_users(query))
        if not users:
            return None
        user = users[0]
        return LoginRef(self.name, user["id"], user["username"], was_created=False)

    def _change(self, provider_id: str, **values: object) -> None:
        """Name only what changes: the rest stays, also what another worker writes now.

        (Keycloak 26 keeps what is left out or null; an empty e-mail is removed.)
        """
        self._ask(lambda admin: admin.update_user(provider_id, values))

    def _ask(self, call: Callable[[KeycloakAdmin], Answer]) -> Answer:
        """Make one call. Raises our errors only, none with what the server said."""
        admin = _admin(
            self.server,
            self.realm,
            settings.KEYCLOAK_CLIENT_ID,
            settings.KEYCLOAK_CLIENT_SECRET,
        )
        try:
            with call_of(Provider.KEYCLOAK, _outcome_of):
                return call(admin)
        except KeycloakError as error:
            raise _in_our_words(error.response_code) from None
        except (ValueError, TypeError, KeyError):
            # A proxy's page instead of JSON, or JSON of another shape.
            raise IdentityUnavailable("Keycloak gave an unreadable answer.") from None


def _outcome_of(error: Exception) -> Outcome:
    outcome = outcome_of_status(getattr(error, "response_code", None))
    # The library raises for answers below 400 too, when it awaited another.
    return Outcome.REFUSED if outcome == Outcome.OK else outcome


def _in_our_words(status: int | None) -> IdentityError:
    if not status:
        return IdentityUnavailable("Keycloak does not answer.")
    if status == 409:
        return LoginNameTaken(
            "Another login has this e-mail or phone already; change the customer’s"
            " e-mail or phone, then try again."
        )
    if status == 404:
        return IdentityRefused("Keycloak has no such login or realm any more.")
    if status >= 500 or status in _LATER:
        return IdentityUnavailable(f"Keycloak refused for now (HTTP {status}).")
    return IdentityRefused(f"Keycloak refused the login (HTTP {status}).")


@lru_cache(maxsize=8)
def _admin(server: str, realm: str, client_id: str, secret: str) -> KeycloakAdmin:
    """Keep connection and token; the library renews the token when it ends."""
    return KeycloakAdmin(
        connection=KeycloakOpenIDConnection(
            server_url=f"{server}/",
            realm_name=realm,
            client_id=client_id,
            client_secret_key=secret,
            timeout=TIMEOUT,  # type: ignore[arg-type] # handed to requests, which takes both
        )
    )
