"""Customers' logins in a real Keycloak: made once, closed, renamed, signed in to."""

import html
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
import requests
from django.core import mail
from keycloak import KeycloakAdmin
from pytest_django import Settings

from customers.registry.choices import SuspensionReason
from customers.registry.services import (
    reinstate_customer,
    suspend_customer,
    update_customer,
)
from events.models import Delivery
from onboarding.identity import (
    IdentityRefused,
    IdentityUnavailable,
    LoginNameTaken,
    LoginRef,
)
from onboarding.keycloak.gateway import KeycloakProvider, _admin
from onboarding.models import Login
from tenants.models import User
from tests.conftest import Deliver, MakeCustomer
from tests.onboarding.conftest import login_of, sent_password, tracker_of
from tests.services.conftest import EXAMPLE, is_listening, require

pytestmark = pytest.mark.service
# PKCE (RFC 7636, appendix B): the challenge of a verifier that nobody redeems here.
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
TIMEOUT = (3, 20)


@pytest.fixture
def keycloak(settings: Settings) -> Iterator[KeycloakProvider]:
    """Point at the server; the users of this test are removed afterwards."""
    require("Keycloak", is_listening(EXAMPLE.str("KEYCLOAK_SERVER_URL")))
    for name in ("SERVER_URL", "REALM", "CLIENT_ID", "CLIENT_SECRET"):
        setattr(settings, f"KEYCLOAK_{name}", EXAMPLE.str(f"KEYCLOAK_{name}"))
    provider = KeycloakProvider("demo")
    before = {user["id"] for user in users_of(settings)}
    yield provider
    for user in users_of(settings):
        if user["id"] not in before:
            admin_of(settings).delete_user(user["id"])


def admin_of(settings: Settings) -> KeycloakAdmin:
    return _admin(
        EXAMPLE.str("KEYCLOAK_SERVER_URL"),
        EXAMPLE.str("KEYCLOAK_REALM"),
        EXAMPLE.str("KEYCLOAK_CLIENT_ID"),
        EXAMPLE.str("KEYCLOAK_CLIENT_SECRET"),
    )


def users_of(settings: Settings) -> list[dict[str, str]]:
    return list(admin_of(settings).get_users({"first": 0, "max": 500}))


def an_email() -> str:
    return f"{uuid4().hex[:12]}@mail.example"


def ensure(
    provider: KeycloakProvider, customer_id: str, email: str, phone: str = ""
) -> LoginRef:
    return provider.ensure_user(
        customer_id=customer_id,
        login_name=email or phone,
        email=email,
        phone=phone,
        name="Ama Mensah",
    )


def sign_in(provider: KeycloakProvider, login_name: str, password: str) -> str:
    """Sign in as a browser does and return the page that follows."""
    browser = requests.Session()
    page = browser.get(
        f"{provider.server}/realms/{provider.realm}/protocol/openid-connect/auth",
        params={
            "client_id": "account-console",
            "redirect_uri": provider.sign_in_url(),
            "response_type": "code",
            "scope": "openid",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        },
        timeout=TIMEOUT,
    ).text
    action = re.search(r'<form[^>]*action="([^"]+)"', page)
    assert action, page[:500]
    # A browser takes this machine for safe without TLS and sends such cookies too.
    for cookie in browser.cookies:
        cookie.secure = False
    form = {"username": login_name, "password": password}
    return browser.post(html.unescape(action[1]), data=form, timeout=TIMEOUT).text


def test_a_repeat_finds_the_login_by_the_customers_id(
    keycloak: KeycloakProvider, settings: Settings
) -> None:
    customer_id, email = str(uuid4()), an_email()
    first = ensure(keycloak, customer_id, email)
    second = ensure(keycloak, customer_id, an_email())
    assert (first.was_created, second.was_created) == (True, False)
    assert first.provider_id == second.provider_id
    assert second.login_name == email
    with pytest.raises(LoginNameTaken):
        ensure(keycloak, str(uuid4()), email)


def test_two_workers_at_once_make_one_login(keycloak: KeycloakProvider) -> None:
    customer_id, email = str(uuid4()), an_email()
    with ThreadPoolExecutor(4) as pool:
        refs = list(pool.map(lambda _: ensure(keycloak, customer_id, email), range(4)))
    assert len({ref.provider_id for ref in refs}) == 1
    assert sum(ref.was_created for ref in refs) == 1


def test_logins_without_email(keycloak: KeycloakProvider) -> None:
    phones = [f"+23324{number:07d}" for number in (9990001, 9990002)]
    refs = [ensure(keycloak, str(uuid4()), "", phone) for phone in phones]
    assert [ref.login_name for ref in refs] == phones
    assert all(ref.was_created for ref in refs)


def test_the_one_time_password_works_once_and_must_be_changed(
    keycloak: KeycloakProvider,
) -> None:
    email = an_email()
    login = ensure(keycloak, str(uuid4()), email)
    password = keycloak.set_one_time_password(login.provider_id)
    assert "password-new" in sign_in(keycloak, email, password)
    newer = keycloak.set_one_time_password(login.provider_id)
    # One wrong try only: two within a second make Keycloak wait a minute.
    assert "Invalid username or password" in sign_in(keycloak, email, password)
    assert "password-new" in sign_in(keycloak, email, newer)


def test_a_closed_login_lets_nobody_in(keycloak: KeycloakProvider) -> None:
    email = an_email()
    login = ensure(keycloak, str(uuid4()), email)
    password = keycloak.set_one_time_password(login.provider_id)
    for _ in range(2):
        keycloak.set_enabled(login.provider_id, is_enabled=False)
    assert "Account is disabled" in sign_in(keycloak, email, password)
    keycloak.set_enabled(login.provider_id, is_enabled=True)
    assert "password-new" in sign_in(keycloak, email, password)


def test_a_change_of_one_thing_leaves_the_others(
    keycloak: KeycloakProvider, settings: Settings
) -> None:
    customer_id = str(uuid4())
    login = ensure(keycloak, customer_id, an_email())
    keycloak.set_enabled(login.provider_id, is_enabled=False)
    email = an_email()
    keycloak.update_email(login.provider_id, email=email, login_name=email)
    user = admin_of(settings).get_user(login.provider_id)
    assert (user["username"], user["email"], user["enabled"]) == (email, email, False)
    assert user["attributes"] == {"customer_id": [customer_id]}
    assert user["firstName"] == "Ama Mensah"
    keycloak.update_email(login.provider_id, email="", login_name="+233249990003")
    user = admin_of(settings).get_user(login.provider_id)
    assert (user["username"], user.get("email")) == ("+233249990003", None)
    taken = ensure(keycloak, str(uuid4()), an_email()).login_name
    with pytest.raises(LoginNameTaken):
        keycloak.update_email(login.provider_id, email=taken, login_name=taken)


def test_refusals_in_our_words(keycloak: KeycloakProvider, settings: Settings) -> None:
    with pytest.raises(IdentityRefused, match="no such login"):
        keycloak.set_enabled(str(uuid4()), is_enabled=True)
    with pytest.raises(IdentityRefused, match="HTTP 400"):
        ensure(keycloak, str(uuid4()), "no e-mail at all")
    settings.KEYCLOAK_CLIENT_SECRET = "wrong"
    with pytest.raises(IdentityUnavailable, match="HTTP 401"):
        ensure(KeycloakProvider("demo"), str(uuid4()), an_email())
    settings.KEYCLOAK_REALM = "nowhere"
    with pytest.raises(IdentityRefused, match="realm"):
        ensure(KeycloakProvider("demo"), str(uuid4()), an_email())


@pytest.mark.django_db
def test_provisioning_when_the_server_was_down_at_first(
    keycloak: KeycloakProvider,
    settings: Settings,
    make_customer: MakeCustomer,
    setup_machine: User,
    deliver: Deliver,
) -> None:
    settings.KEYCLOAK_SERVER_URL = "http://127.0.0.1:9"  # discard: nobody listens
    customer = make_customer(email=an_email(), phone="", verified=True)
    deliver()
    deliver(hurry=True)
    assert not Login.objects.exists()
    settings.KEYCLOAK_SERVER_URL = EXAMPLE.str("KEYCLOAK_SERVER_URL")
    deliver(hurry=True)
    login = login_of(customer)
    assert login.provider == "keycloak"
    assert tracker_of(customer).completed_at
    assert keycloak.sign_in_url() in str(mail.outbox[0].body)
    password = sent_password()
    assert "password-new" in sign_in(keycloak, customer.email, password)
    # Delivered again, as after a lost lease: still one user, still one mail.
    Delivery.objects.filter(handler="onboarding.create_login").update(status="due")
    deliver()
    assert len(mail.outbox) == 1
    email = an_email()
    update_customer(
        customer.pk, changes={"email": email}, by=setup_machine, reason="Asked"
    )
    reason = SuspensionReason.DUE_DILIGENCE
    suspend_customer(customer.pk, reason=reason, by=setup_machine)
    deliver()
    assert "Account is disabled" in sign_in(keycloak, email, password)
    reinstate_customer(customer.pk, reason="Papers came", by=setup_machine)
    deliver()
    assert "password-new" in sign_in(keycloak, email, password)
    assert not Delivery.objects.all().open().exists()
