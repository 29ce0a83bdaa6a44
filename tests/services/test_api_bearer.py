"""Tokens of a real Keycloak: let in while good, refused in every other way."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt import api_jwt
from pytest_django import Settings

from api.callers.issuer import issuer_at
from api.services import register_client
from tenants.models import Tenant, User
from tests.api.conftest import ME, bearer, refusal
from tests.api.provider import rsa_key
from tests.conftest import MakeStaff
from tests.services.conftest import EXAMPLE, is_listening, require

pytestmark = [pytest.mark.service, pytest.mark.django_db]
TIMEOUT = (3, 30)
AUDIENCE = "vestibule-api"
PASSWORD = SECRET = "development-only-of-this-test"
MAPPER = {
    "name": "audience", "protocol": "openid-connect",
    "protocolMapper": "oidc-audience-mapper",
    "config": {"included.custom.audience": AUDIENCE, "access.token.claim": "true"},
}  # fmt: skip


class Realm:
    """A realm of the test's own, by the admin's API."""

    def __init__(self, server: str) -> None:
        self.server, self.name = server, f"api-{uuid4().hex[:8]}"
        self.address = f"{server}/realms/{self.name}"

    def make(self, email: str) -> None:
        client = {
            "publicClient": False, "secret": SECRET, "serviceAccountsEnabled": True,
            "standardFlowEnabled": False, "directAccessGrantsEnabled": True,
        }  # fmt: skip
        person = {
            "username": email, "email": email, "enabled": True, "emailVerified": True,
            "firstName": "Ama", "lastName": "Mensah",
            "credentials": [{"type": "password", "value": PASSWORD}],
        }  # fmt: skip
        stranger = {**person, "username": "stranger", "email": "s@elsewhere.example"}
        unproven = {
            **person, "username": "unproven", "email": "unproven@bank.example",
            "emailVerified": False,
        }  # fmt: skip
        self.admin("post", "", {
            "realm": self.name, "enabled": True,
            "users": [person, stranger, unproven],
            "clients": [
                {**client, "clientId": "core", "protocolMappers": [MAPPER]},
                {**client, "clientId": "other"},
                {**client, "clientId": "unknown", "protocolMappers": [MAPPER]},
            ],
        })  # fmt: skip

    def admin(self, method: str, path: str, body: Any = None) -> requests.Response:
        form = {
            "grant_type": "password", "client_id": "admin-cli", "username": "admin",
            "password": EXAMPLE.str("DEMO_PASSWORD"),
        }  # fmt: skip
        master = f"{self.server}/realms/master/protocol/openid-connect/token"
        said = requests.post(master, data=form, timeout=TIMEOUT).json()
        answer = requests.request(
            method, f"{self.server}/admin/realms{path}", json=body, timeout=TIMEOUT,
            headers={"Authorization": f"Bearer {said['access_token']}"},
        )  # fmt: skip
        answer.raise_for_status()
        return answer

    def tokens(self, client: str = "core", **form: str) -> dict[str, str]:
        asked = {"grant_type": "client_credentials", "client_id": client,
                 "client_secret": SECRET, **form}  # fmt: skip
        place = f"{self.address}/protocol/openid-connect/token"
        answer = requests.post(place, data=asked, timeout=TIMEOUT)
        answer.raise_for_status()
        said: dict[str, str] = answer.json()
        return said

    def of_client(self, client: str = "core") -> str:
        return self.tokens(client)["access_token"]

    def of_person(self, name: str) -> dict[str, str]:
        form = {"grant_type": "password", "username": name, "password": PASSWORD}
        return self.tokens(scope="openid", **form)

    def rotate(self) -> None:
        """A new key that signs from now on; the old one is still offered."""
        realm = self.admin("get", f"/{self.name}").json()
        self.admin("post", f"/{self.name}/components", {
            "name": "newer", "providerId": "rsa-generated", "parentId": realm["id"],
            "providerType": "org.keycloak.keys.KeyProvider",
            "config": {"priority": ["200"], "enabled": ["true"], "active": ["true"],
                       "algorithm": ["RS256"], "keySize": ["2048"]},
        })  # fmt: skip


@pytest.fixture(scope="module")
def realms() -> Iterator[tuple[Realm, Realm]]:
    server = EXAMPLE.str("KEYCLOAK_SERVER_URL")
    require("Keycloak", is_listening(server))
    ours, theirs = Realm(server), Realm(server)
    for realm in (ours, theirs):
        realm.make("staff1@bank.example")
    yield ours, theirs
    for realm in (ours, theirs):
        realm.admin("delete", f"/{realm.name}")


@pytest.fixture
def realm(realms: tuple[Realm, Realm], settings: Settings) -> Iterator[Realm]:
    settings.API_OIDC_ISSUER, settings.API_OIDC_AUDIENCE = realms[0].address, AUDIENCE
    issuer_at.cache_clear()
    yield realms[0]
    issuer_at.cache_clear()


@pytest.fixture
def officer(make_staff: MakeStaff) -> User:
    user = make_staff("compliance_officer")
    assert user.email == "staff1@bank.example"  # the realm knows them by it
    return user


@pytest.fixture
def client_id(demo_bank: Tenant, setup_machine: User) -> str:
    return register_client(
        tenant=demo_bank, client_id="core", name="Core", roles=["teller"],
        by=setup_machine,
    ).client_id  # fmt: skip


def let_in(token: str) -> dict[str, Any]:
    answer = bearer(token).get(ME)
    assert answer.status_code == 200, answer.content
    said: dict[str, Any] = answer.json()
    return said


def refused(token: str) -> None:
    answer = bearer(token).get(ME)
    refusal(answer, 401, "NOT_AUTHENTICATED")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_people_and_programs_come_in(
    realm: Realm, officer: User, client_id: str
) -> None:
    person = realm.of_person(officer.email)
    assert let_in(person["access_token"])["id"] == str(officer.pk)
    assert let_in(realm.of_client())["login"] == "client:core"
    refused(person["id_token"])
    refused(person["refresh_token"])
    refused(realm.of_person("stranger")["access_token"])
    refused(realm.of_person("unproven")["access_token"])
    refused(realm.of_client("unknown"))
    refused(realm.of_client("other"))  # it was not made for us


def test_keys_rotate(realm: Realm, client_id: str) -> None:
    old = realm.of_client()
    let_in(old)
    realm.rotate()
    new = realm.of_client()
    kids = {jwt.get_unverified_header(token)["kid"] for token in (old, new)}
    assert len(kids) == 2
    issuer_at(realm.address)._asked_at = None  # as if ten seconds had gone by
    let_in(new)
    let_in(old)


def test_another_realm_of_the_same_server(
    realm: Realm, realms: tuple[Realm, Realm], client_id: str
) -> None:
    refused(realms[1].of_client())


def test_another_issuer_or_audience_is_expected(
    realm: Realm, client_id: str, settings: Settings
) -> None:
    token = realm.of_client()
    settings.API_OIDC_AUDIENCE = "vestibule"
    refused(token)
    settings.API_OIDC_AUDIENCE = AUDIENCE
    let_in(token)
    settings.API_OIDC_ISSUER = f"{realm.server}/realms/staff"
    refused(token)


def test_forged_from_a_good_one(realm: Realm, client_id: str) -> None:
    good = realm.of_client()
    head, claims, _seal = good.split(".")
    kid = jwt.get_unverified_header(good)["kid"]
    said = jwt.decode(good, options={"verify_signature": False})
    public = issuer_at(realm.address)
    let_in(good)
    pem = public.key(kid).key.public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    no_alg = {"alg": "none", "typ": "JWT", "kid": kid}
    none = base64.urlsafe_b64encode(json.dumps(no_alg).encode()).decode().rstrip("=")
    refused(f"{none}.{claims}.")
    refused(f"{head}.{claims}.")
    refused(good[:-8] + ("AAAAAAAA" if good[-8:] != "AAAAAAAA" else "BBBBBBBB"))
    refused(jwt.encode(said, rsa_key(), "RS256", {"kid": kid}))
    refused(_hs256(said, pem, kid))
    later = {**said, "exp": int(time.time()) + 9**6}
    longer = base64.urlsafe_b64encode(json.dumps(later).encode()).decode().rstrip("=")
    refused(f"{head}.{longer}.{good.rpartition('.')[2]}")


def _hs256(said: dict[str, Any], pem: bytes, kid: str) -> str:
    """As an old library would sign it: ours refuses to even make such a token."""

    def part(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).decode().rstrip("=")

    head = part(json.dumps({"alg": "HS256", "typ": "JWT", "kid": kid}).encode())
    signed = f"{head}.{part(json.dumps(said).encode())}"
    return f"{signed}.{part(hmac.digest(pem, signed.encode(), hashlib.sha256))}"


def test_expired_and_not_yet_valid(
    realm: Realm, client_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keycloak signs what is good now, so the clock of the test is moved instead."""
    token = realm.of_client()
    let_in(token)
    library: Any = api_jwt
    real = library.datetime
    for seconds in (3600, -3600):

        class Moved(real):  # type: ignore[misc, valid-type]
            @classmethod
            def now(cls, tz: Any = None, by: int = seconds) -> Any:
                return real.now(tz) + timedelta(seconds=by)

        monkeypatch.setattr(api_jwt, "datetime", Moved)
        refused(token)
    monkeypatch.setattr(api_jwt, "datetime", real)
    let_in(token)
