"""Who calls the demo bank's API: a token of a colleague, and a program."""

from datetime import timedelta

from django.utils import timezone

from api.callers.tokens import create_token
from api.models import ApiClient, ApiToken
from api.services import register_client
from tenants.models import Tenant, User

SCOPES = ("api.get_customer", "api.fetch_customer", "api.income")


def let_callers_in(tenant: Tenant, *, by: User) -> None:
    """Make one of each; harmless to run twice. Nobody keeps the token's secret.

    `by` is staff who may read customers.
    """
    if not ApiToken.objects.for_tenant(tenant.pk).exists():
        ends = timezone.now().date() + timedelta(days=90)
        create_token(name="Nightly report", scopes=SCOPES, expires_on=ends, by=by)
    if not ApiClient.objects.for_tenant(tenant.pk).exists():
        register_client(
            tenant=tenant, client_id=f"core-{tenant.slug}", name="Core banking",
            roles=["teller"], by=by,
        )  # fmt: skip
