"""One-time passwords, and the logins kept by ourselves."""

import string
from uuid import uuid4

import pytest
from django.contrib.auth.password_validation import validate_password
from pytest_django import Settings

from onboarding.embedded import EmbeddedProvider, portal_username
from onboarding.identity import (
    PASSWORD_LENGTH,
    IdentityRefused,
    LoginNameTaken,
    get_identity_provider,
    make_one_time_password,
)
from onboarding.keycloak.gateway import KeycloakProvider
from tenants.models import Tenant, User
from tests.conftest import MakeCustomer, MakeStaff


def test_one_time_passwords_satisfy_strong_rules() -> None:
    seen = {make_one_time_password() for _ in range(200)}
    assert len(seen) == 200
    for password in seen:
        assert len(password) == PASSWORD_LENGTH
        for kind in (string.ascii_uppercase, string.ascii_lowercase, string.digits):
            assert set(password) & set(kind)
        assert not set(password) & set("Il1O0o")
        validate_password(password)


def test_settings_choose_the_provider(settings: Settings) -> None:
    assert isinstance(get_identity_provider("demo"), EmbeddedProvider)
    with pytest.raises(IdentityRefused, match="not configured"):
        get_identity_provider("demo", "keycloak")
    settings.KEYCLOAK_SERVER_URL = "http://127.0.0.1:8081/"
    settings.KEYCLOAK_REALM = "customers-{tenant}"
    provider = get_identity_provider("demo")
    assert isinstance(provider, KeycloakProvider)
    assert provider.sign_in_url() == (
        "http://127.0.0.1:8081/realms/customers-demo/account/"
    )
    assert isinstance(get_identity_provider("demo", "embedded"), EmbeddedProvider)


def ask_for(provider: EmbeddedProvider, customer_id: object, login_name: str) -> str:
    ref = provider.ensure_user(
        customer_id=str(customer_id),
        login_name=login_name,
        email="",
        phone="",
        name="N" * 200,
    )
    return ref.provider_id


@pytest.mark.django_db
def test_embedded_logins(
    make_customer: MakeCustomer, second_bank: Tenant, make_staff: MakeStaff
) -> None:
    first, other = make_customer(), make_customer()
    provider = EmbeddedProvider("demo")
    login = ask_for(provider, first.pk, "a@mail.example")
    assert ask_for(provider, first.pk, "renamed@mail.example") == login
    with pytest.raises(LoginNameTaken):
        ask_for(provider, other.pk, "A@mail.example")
    with pytest.raises(IdentityRefused, match="too long"):
        ask_for(provider, other.pk, "x" * 250)
    second = ask_for(provider, other.pk, "b@mail.example")
    with pytest.raises(LoginNameTaken):
        provider.update_email(second, email="", login_name="a@mail.example")
    # Neither another bank's provider nor staff can be reached through an id.
    for stranger in (EmbeddedProvider("second"), provider):
        wrong = login if stranger.tenant_slug == "second" else make_staff("teller").pk
        with pytest.raises(IdentityRefused, match="no such login"):
            stranger.set_enabled(str(wrong), is_enabled=False)
    with pytest.raises(IdentityRefused):
        provider.set_one_time_password(str(uuid4()))
    assert User.objects.get(pk=login).is_active


def test_portal_names_cannot_be_staff_names() -> None:
    assert portal_username("demo", " Ama@Mail.example ") == (
        "customer:demo:ama@mail.example"
    )
