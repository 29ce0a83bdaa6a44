"""Tokens, a client and a kept answer for the tests of separation and of roles."""

from datetime import timedelta

from django.utils import timezone

from api.callers.tokens import create_token, revoke_token
from api.models import KeptAnswer
from api.services import register_client
from customers.registry.models import Customer
from tenants.models import User


def add_api(customer: Customer, word: str, officer: User) -> None:
    """One token is alive, one was revoked; a program may call; one POST is kept."""
    for name in (f"{word} revoked", f"{word} report"):
        token, _ = create_token(
            name=name, scopes=["api.income"], by=officer,
            expires_on=timezone.now().date() + timedelta(days=30),
        )  # fmt: skip
        if name.endswith("revoked"):
            revoke_token(token.pk, by=officer)
    register_client(
        tenant=customer.tenant, client_id=f"{word}-core", name=f"Core of {word}",
        roles=["auditor"], by=officer,
    )  # fmt: skip
    KeptAnswer.objects.create(
        tenant=customer.tenant, user=officer, key=f"{word} key", asked=f"{word} hash",
        status=201, content=b"{}", created_at=timezone.now(),
    )  # fmt: skip
