"""Bring a login at its provider to where the customer stands now.

Nothing here runs in a transaction. What was done outside is recorded by a command
that looks at the customer again; when the customer moved on meanwhile, it is done
again, so whoever comes last leaves the truth behind.
"""

from uuid import UUID

from customers.registry.models import Customer
from onboarding.identity import IdentityUnavailable, get_identity_provider
from onboarding.models import Login
from onboarding.services import (
    may_sign_in,
    record_login,
    record_login_name,
    record_login_status,
)
from tenants.services import get_machine

# A customer who changes more often within seconds is left to the next delivery.
ROUNDS = 3


def make_login(customer: Customer) -> Login:
    """Make sure that the customer has a login and that we know where."""
    provider = get_identity_provider(customer.tenant.slug)
    ref = provider.ensure_user(
        customer_id=str(customer.pk),
        login_name=customer.login_name,
        email=customer.email,
        phone=customer.phone,
        name=customer.name,
    )
    return record_login(customer.pk, ref, by=get_machine("onboarding"))


def follow_status(customer_id: UUID | str) -> None:
    """Open or close the login as the relationship stands; nothing without a login."""
    for _ in range(ROUNDS):
        login = _login_of(customer_id)
        if login is None:
            return
        is_enabled = may_sign_in(login.customer)
        provider = get_identity_provider(login.tenant.slug, login.provider)
        provider.set_enabled(login.provider_id, is_enabled=is_enabled)
        machine = get_machine("onboarding")
        if record_login_status(customer_id, is_enabled=is_enabled, by=machine):
            return
    raise IdentityUnavailable("The customer changes too quickly; trying again soon.")


def follow_contacts(customer_id: UUID | str) -> None:
    """Let e-mail and login name follow the customer's; nothing without a login."""
    for _ in range(ROUNDS):
        login = _login_of(customer_id)
        if login is None:
            return
        customer = login.customer
        provider = get_identity_provider(login.tenant.slug, login.provider)
        provider.update_email(
            login.provider_id, email=customer.email, login_name=customer.login_name
        )
        machine, name = get_machine("onboarding"), customer.login_name
        if record_login_name(customer_id, login_name=name, by=machine):
            return
    raise IdentityUnavailable("The customer changes too quickly; trying again soon.")


def _login_of(customer_id: UUID | str) -> Login | None:
    logins = Login.objects.select_related("customer", "tenant")
    return logins.filter(customer_id=customer_id).first()
