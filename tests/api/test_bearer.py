"""Tokens of the identity provider: what opens the API, and all that does not."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pytest_django import Settings

from api.callers import issuer as issuer_module
from api.callers.issuer import Issuer
from api.services import change_client, register_client
from tenants.models import Tenant, User
from tests.api.conftest import ME, bearer, refusal
from tests.api.provider import Provider, rsa_key

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def refused(token: str) -> None:
    answer = bearer(token).get(ME)
    body = refusal(answer, 401, "NOT_AUTHENTICATED")
    assert body["message"] == "These credentials are not accepted."
    assert answer["WWW-Authenticate"] == "Bearer"


def let_in(token: str) -> dict[str, Any]:
    answer = bearer(token).get(ME)
    assert answer.status_code == 200, answer.content
    return answer.json()  # type: ignore[no-any-return]


# --- whom it lets in -----------------------------------------------------------------
def test_a_colleague_by_their_verified_e_mail(
    provider: Provider, officer: User
) -> None:
    said = let_in(provider.token(email=officer.email.upper()))
    assert said["id"] == str(officer.pk)
    assert said["known_by"] == "provider"
    assert said["tenant"]["id"] == str(officer.tenant_id)
    assert "api.decline_customer" in said["permissions"]
    assert "deposits.open_account" not in said["permissions"]


@pytest.mark.parametrize("said", [None, False, "true", 1])
def test_an_e_mail_that_nobody_verified(
    provider: Provider, officer: User, said: Any
) -> None:
    refused(provider.token(email=officer.email, email_verified=said))


def test_whom_we_do_not_know_or_barred(provider: Provider, officer: User) -> None:
    refused(provider.token(email="stranger@elsewhere.example"))
    refused(provider.token(email=""))
    officer.is_active = False
    officer.save_as(officer, "Left")
    refused(provider.token(email=officer.email))


def test_a_customers_login_is_no_colleague(
    provider: Provider, demo_bank: Tenant, setup_machine: User
) -> None:
    mail = "ama@mail.example"
    customer = User(
        tenant=demo_bank, kind=User.Kind.CUSTOMER, username=mail, email=mail
    )
    customer.save_as(setup_machine, "For the test")
    refused(provider.token(email=mail))


def test_a_registered_client(
    provider: Provider, demo_bank: Tenant, administrator: User
) -> None:
    refused(provider.of_client("core"))
    client = register_client(
        tenant=demo_bank, client_id="core", name="Core banking", roles=["teller"],
        by=administrator,
    )  # fmt: skip
    said = let_in(provider.of_client("core"))
    assert said["login"] == "client:core"
    assert "api.create_account" in said["permissions"]
    assert "api.decline_customer" not in said["permissions"]
    change = {"name": "Core", "by": administrator, "reason": "Gone"}
    change_client(client.pk, roles=["auditor"], is_active=True, **change)  # type: ignore[arg-type]
    assert "api.create_account" not in let_in(provider.of_client("core"))["permissions"]
    change_client(client.pk, roles=[], is_active=False, **change)  # type: ignore[arg-type]
    refused(provider.of_client("core"))


def test_a_person_who_came_through_a_client_is_not_that_client(
    provider: Provider, demo_bank: Tenant, administrator: User
) -> None:
    register_client(
        tenant=demo_bank, client_id="core", name="Core", roles=["teller"],
        by=administrator,
    )  # fmt: skip
    refused(provider.token(azp="core", email="stranger@elsewhere.example"))
    refused(provider.token(azp="core", client_id="core", preferred_username="core"))
    refused(provider.of_client("core", sub=None))
    # A session of the provider is a person's, whatever they call themselves.
    refused(provider.token(
        azp="core", client_id="core", preferred_username="service-account-core"
    ))  # fmt: skip


# --- what is wrong with a token ------------------------------------------------------
@pytest.mark.parametrize(
    "said",
    [
        {"iss": "https://elsewhere.example/realms/staff"},
        {"aud": "another-api"}, {"aud": ["account"]}, {"aud": None},
        {"exp": 1}, {"exp": None}, {"iat": None}, {"iss": None},
        {"nbf": int(time.time()) + 3600}, {"iat": int(time.time()) + 3600},
        {"typ": "ID"}, {"typ": "Refresh"}, {"typ": None},
    ],
    # Times differ between the processes that collect.
    ids=lambda said: str(said) if "nbf" not in said and "iat" not in said else None,
)  # fmt: skip
def test_claims_that_do_not_hold(
    provider: Provider, officer: User, said: dict[str, Any]
) -> None:
    let_in(provider.token(email=officer.email))
    refused(provider.token(email=officer.email, **said))


def test_clocks_may_differ_a_little(provider: Provider, officer: User) -> None:
    now = int(time.time())
    let_in(provider.token(email=officer.email, exp=now - 10))
    let_in(provider.token(email=officer.email, nbf=now + 10, iat=now + 10))
    refused(provider.token(email=officer.email, exp=now - 60))


def test_one_of_several_audiences(provider: Provider, officer: User) -> None:
    let_in(provider.token(email=officer.email, aud=["account", "vestibule-api"]))


def test_an_elliptic_curve_signs_too(provider: Provider, officer: User) -> None:
    provider.keys["curve"] = ec.generate_private_key(ec.SECP256R1())
    let_in(provider.token(email=officer.email, key_id="curve"))


def test_a_key_that_is_not_theirs(provider: Provider, officer: User) -> None:
    refused(provider.token(email=officer.email, key=rsa_key()))


def test_a_signature_that_was_tampered_with(provider: Provider, officer: User) -> None:
    head, _, signature = provider.token(email="nobody@bank.example").split(".")
    claims = _part(provider.claims(email=officer.email))
    refused(f"{head}.{claims}.{signature}")
    good = provider.token(email=officer.email)
    refused(good[:-10] + ("A" * 10 if good[-10:] != "A" * 10 else "B" * 10))


def _part(said: dict[str, Any]) -> str:
    content = json.dumps(said).encode()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE"])
def test_no_signature_at_all(provider: Provider, officer: User, alg: str) -> None:
    head = _part({"alg": alg, "typ": "JWT", "kid": "first"})
    refused(f"{head}.{_part(provider.claims(email=officer.email))}.")


def test_the_public_key_is_no_shared_secret(provider: Provider, officer: User) -> None:
    public = provider.keys["first"].public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = _part({"alg": "HS256", "typ": "JWT", "kid": "first"})
    signed = f"{head}.{_part(provider.claims(email=officer.email))}"
    digest = hmac.new(pem, signed.encode(), hashlib.sha256).digest()
    seal = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    refused(f"{signed}.{seal}")


@pytest.mark.parametrize("alg", ["RS384", "RS512", "PS256"])
def test_algorithms_we_do_not_take(provider: Provider, officer: User, alg: str) -> None:
    refused(provider.token(email=officer.email, alg=alg))


@pytest.mark.parametrize(
    "headers",
    [{"typ": "secevent+jwt"}, {"kid": "x" * 201}, {"crit": ["b64"], "b64": False}],
    ids=str,
)
def test_headers_we_do_not_take(
    provider: Provider, officer: User, headers: dict[str, Any]
) -> None:
    refused(provider.token(email=officer.email, headers=headers))
    assert provider.asked == 0  # nobody makes us fetch keys for such a token


@pytest.mark.parametrize(
    "token", ["", "x", "a.b.c", "a.b", "....", "é.é.é", "x" * 9000, "vst_", "vst__",
              "vst_aaaaaaaa_", "vst_%s_x" % ("a" * 300)],
)  # fmt: skip
def test_what_is_no_token(provider: Provider, token: str) -> None:
    refused(token)


def test_without_an_issuer_none_is_taken(
    provider: Provider, officer: User, settings: Settings
) -> None:
    token = provider.token(email=officer.email)
    settings.API_OIDC_ISSUER = ""
    refused(token)


# --- keys --------------------------------------------------------------------------
def test_keys_are_fetched_once(provider: Provider, officer: User) -> None:
    for _ in range(3):
        let_in(provider.token(email=officer.email))
    assert provider.asked == 1


def test_a_new_key_is_found(provider: Provider, officer: User, known: Issuer) -> None:
    let_in(provider.token(email=officer.email))
    provider.rotate("second")
    known._asked_at = None  # as if ten seconds had gone by
    let_in(provider.token(email=officer.email))
    assert provider.asked == 2


def test_made_up_key_ids_do_not_hammer_the_provider(
    provider: Provider, officer: User
) -> None:
    let_in(provider.token(email=officer.email))
    for number in range(20):
        headers = {"kid": f"made up {number}"}
        refused(provider.token(email=officer.email, headers=headers))
    assert provider.asked <= 2
    let_in(provider.token(email=officer.email))


def test_the_provider_is_away(provider: Provider, officer: User, known: Issuer) -> None:
    provider.is_broken = True
    for _ in range(2):
        answer = bearer(provider.token(email=officer.email)).get(ME)
        refusal(answer, 503, "UNAVAILABLE")
        assert int(answer["Retry-After"]) > 0
    provider.is_broken = False
    known._asked_at = None
    let_in(provider.token(email=officer.email))
    # Away again: what we know serves on, what we do not know cannot be judged.
    provider.is_broken = True
    known._asked_at = None
    let_in(provider.token(email=officer.email))
    unknown = bearer(provider.token(email=officer.email, headers={"kid": "new"}))
    refusal(unknown.get(ME), 503, "UNAVAILABLE")


def test_keys_serve_on_for_a_day_and_no_longer(
    provider: Provider, officer: User, known: Issuer
) -> None:
    let_in(provider.token(email=officer.email))
    provider.is_broken = True
    assert known._fetched_at is not None
    known._fetched_at -= issuer_module.FRESH_SECONDS
    known._asked_at = None
    let_in(provider.token(email=officer.email))
    known._fetched_at -= issuer_module.STALE_SECONDS
    answer = bearer(provider.token(email=officer.email)).get(ME)
    refusal(answer, 503, "UNAVAILABLE")


def test_a_key_that_was_taken_back(
    provider: Provider, officer: User, known: Issuer
) -> None:
    token = provider.token(email=officer.email)
    let_in(token)
    provider.rotate("second")
    assert known._fetched_at is not None
    known._fetched_at -= issuer_module.FRESH_SECONDS
    known._asked_at = None
    refused(token)


@pytest.mark.parametrize(
    "says",
    [
        {"issuer": "https://elsewhere.example"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": 5},
    ],
    ids=str,
)
def test_a_provider_that_calls_itself_otherwise(
    provider: Provider, officer: User, says: dict[str, Any]
) -> None:
    provider.says = says
    answer = bearer(provider.token(email=officer.email)).get(ME)
    refusal(answer, 503, "UNAVAILABLE")


def test_keys_that_are_none_of_ours_are_passed_over(
    provider: Provider, officer: User
) -> None:
    secret = base64.urlsafe_b64encode(b"s" * 32).decode()
    provider.extra = [
        {"kty": "oct", "k": secret, "kid": "shared", "alg": "HS256"},
        {"kty": "RSA", "kid": "broken", "alg": "RS256", "n": "AQAB"},
        {"kty": "what", "kid": "odd"}, {},
    ]  # fmt: skip
    let_in(provider.token(email=officer.email))
    for key_id in ("shared", "broken"):
        refused(provider.token(email=officer.email, headers={"kid": key_id}))
