"""Take the logins of a measurement out of Keycloak again."""

from django.conf import settings
from keycloak import KeycloakAdmin, KeycloakOpenIDConnection

from bench.lab import say
from onboarding.models import Login


def remove() -> int:
    """Delete every login this database knows of; returns how many."""
    admin = KeycloakAdmin(
        connection=KeycloakOpenIDConnection(
            server_url=f"{settings.KEYCLOAK_SERVER_URL}/",
            realm_name=settings.KEYCLOAK_REALM,
            client_id=settings.KEYCLOAK_CLIENT_ID,
            client_secret_key=settings.KEYCLOAK_CLIENT_SECRET,
            timeout=10,
        )
    )
    ids = list(
        Login.objects.filter(provider="keycloak").values_list("provider_id", flat=True)
    )
    say(f"Removing {len(ids)} logins from Keycloak …")
    for provider_id in ids:
        admin.delete_user(provider_id)
    return len(ids)
