"""One shape of errors for all that can go wrong, and what every answer carries."""

from itertools import chain
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from api.answers.parsing import MAX_BODY_BYTES
from api.names import DICTIONARIES, GROUPS, PERMISSIONS, ROUTES, SCOPES
from api.views import HouseView
from customers.registry.models import Dictionary
from tenants.models import User
from tenants.roles import Role, permissions_of
from tests.api.conftest import ME, a_token, bearer, refusal
from tests.api.probe import numbers_taken
from tests.conftest import ClientAs, MakeStaff

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.probe")]
PROBE = "/api/v1/probe"


@pytest.fixture
def api(client_as: ClientAs, officer: User) -> Client:
    client = client_as(officer)
    client.raise_request_exception = False
    return client


def test_who_am_i(api: Client, officer: User) -> None:
    said = api.get(ME).json()
    assert (said["id"], said["known_by"]) == (str(officer.pk), "session")
    assert said["tenant"]["slug"] == "demo"


def test_nobody_and_nobodys(client_as: ClientAs, setup_machine: User) -> None:
    answer = Client().get(ME)
    refusal(answer, 401, "NOT_AUTHENTICATED")
    assert answer["WWW-Authenticate"] == "Bearer"
    basic = Client(HTTP_AUTHORIZATION="Basic eDp5").get(ME)
    refusal(basic, 401, "NOT_AUTHENTICATED")
    operator = User(username="operator@house.example", is_superuser=True)
    operator.save_as(setup_machine, "For the test")
    refusal(client_as(operator).get(ME), 403, "FORBIDDEN")


def test_addresses_methods_and_kinds_that_are_not_there(api: Client) -> None:
    refusal(api.get("/api/v1/nothing"), 404, "NOT_FOUND")
    refusal(api.post("/api/nothing"), 404, "NOT_FOUND")
    refusal(api.get("/api/v1/customer/5/nothing"), 404, "NOT_FOUND")
    # Taken for a key: who is not known learns nothing of it.
    refusal(Client().get("/api/v1/customer/5"), 401, "NOT_AUTHENTICATED")
    refusal(api.delete(ME), 405, "METHOD_NOT_ALLOWED")
    refusal(api.options(ME), 405, "METHOD_NOT_ALLOWED")
    refusal(api.get(ME, headers={"Accept": "text/html"}), 406, "NOT_ACCEPTABLE")
    refusal(api.post(PROBE, {"a": 1}), 415, "UNSUPPORTED_MEDIA_TYPE")
    refusal(api.post(PROBE, b"a", "text/plain"), 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"", b"\xff\xfe", b'{"note": "\xff"}', b'{"seconds": NaN}',
        b'{"note": "a\\u0000b"}', b'{"note": "\\ud800"}', b'{"\\u0000": 1}',
        b'{"note": 1, "note": 2}', b"[" * 100_000, b"[" * 60 + b"]" * 60,
        b'{"seconds": ' + b"9" * 5000 + b"}",
    ],
    ids=lambda body: body[:14],
)  # fmt: skip
def test_bodies_that_cannot_be_read(api: Client, body: bytes) -> None:
    answer = api.post(PROBE, body, "application/json")
    if body == b"":  # nothing said is an empty object
        assert answer.status_code in (201, 400)
        return
    refusal(answer, 400, "BAD_REQUEST")
    assert numbers_taken() == 0
    answer = api.post(PROBE, body, "application/json", headers={"Idempotency-Key": "k"})
    refusal(answer, 400, "BAD_REQUEST")


@pytest.mark.parametrize("charset", ["hex", "utf-16", "none-such"])
def test_a_charset_of_ones_own(api: Client, charset: str) -> None:
    kind = f"application/json; charset={charset}"
    answer = api.generic("POST", PROBE, b'{"note": "a"}', kind)
    assert answer.status_code == 201


@pytest.mark.parametrize("body", [b"[]", b"5", b'"a"', b"null"])
def test_json_of_another_kind(api: Client, body: bytes) -> None:
    answer = api.post(PROBE, body, "application/json")
    refusal(answer, 422, "DATA_VALIDATION_FAILED")


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "k"}], ids=str)
@pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, 4 * MAX_BODY_BYTES])
def test_a_body_too_large(api: Client, key: dict[str, str], size: int) -> None:
    body = b'{"note": "' + b"a" * size + b'"}'
    answer = api.post(PROBE, body, "application/json", headers=key)
    refusal(answer, 413, "BODY_TOO_LARGE")


@pytest.mark.parametrize("query", ["%00", "q=%00", "q=a%00b", "cursor=%00"])
def test_a_nul_in_the_address(api: Client, query: str) -> None:
    refusal(api.get(f"{ME}?{query}"), 400, "BAD_REQUEST")


def test_odd_letters_in_the_address(api: Client) -> None:
    assert api.get(f"{ME}?q=%ff%fe%ed%a0%80").status_code == 200
    refusal(api.get("/api/v1/%ff%fe"), 404, "NOT_FOUND")
    refusal(api.get("/api/v1/%00"), 400, "BAD_REQUEST")


def test_a_fault_says_nothing(api: Client, settings: Any) -> None:
    for is_debug in (False, True):
        settings.DEBUG = is_debug
        answer = api.post(PROBE, {"then": "fault"}, "application/json")
        body = refusal(answer, 500, "CUSTOMER_ERROR")
        assert "secret" not in str(body)
        assert "Traceback" not in answer.content.decode()


def test_the_id_of_a_request_comes_back(api: Client, settings: Any) -> None:
    settings.TRUST_REQUEST_ID = True
    asked_as = "0198f2c4-77aa-7bbb-8ccc-0123456789ab"
    answer = api.get(ME, headers={"X-Request-Id": asked_as})
    assert answer["X-Request-Id"] == asked_as
    for said in ("", "a b", "é", "x" * 129):
        answer = api.get(ME, headers={"X-Request-Id": said})
        assert answer["X-Request-Id"] not in ("", said)


def test_pages_elsewhere_are_as_they_were(api: Client) -> None:
    answer = api.get("/nothing")
    assert answer["Content-Type"].startswith("text/html")
    assert answer["Cache-Control"] != "no-store" if "Cache-Control" in answer else True


# --- how often ---------------------------------------------------------------------
def test_somebody_asks_too_often(
    api: Client, settings: Any, make_staff: MakeStaff, client_as: ClientAs
) -> None:
    settings.API_RATE = "2/min"
    assert [api.get(ME).status_code for _ in range(3)] == [200, 200, 429]
    answer = api.get(ME)
    refusal(answer, 429, "TOO_MANY_REQUESTS")
    assert 0 < int(answer["Retry-After"]) <= 120
    assert client_as(make_staff("auditor")).get(ME).status_code == 200


def test_an_address_fails_too_often(officer: User, settings: Any) -> None:
    settings.API_FAILURE_RATE = "3/min"
    good = a_token(officer)
    for _ in range(3):
        refusal(bearer("vst_aaaaaaaa_x").get(ME), 401, "NOT_AUTHENTICATED")
    answer = bearer("vst_aaaaaaaa_x").get(ME)
    refusal(answer, 429, "TOO_MANY_REQUESTS")
    assert int(answer["Retry-After"]) > 0
    # Who guesses at an address keeps nobody out whose token is good.
    assert bearer(good).get(ME).status_code == 200
    # What a caller writes of addresses before its own is not believed …
    lying = bearer("vst_aaaaaaaa_x").get(ME, headers={"X-Forwarded-For": "192.0.2.9"})
    assert lying.status_code == 429
    bad = bearer("vst_aaaaaaaa_x")
    assert bad.get(ME, REMOTE_ADDR="192.0.2.7").status_code == 401
    # … unless our own proxy wrote it.
    settings.API_PROXIES = 1
    by_proxy = {"X-Forwarded-For": "127.0.0.1, 192.0.2.8"}
    assert bad.get(ME, headers=by_proxy).status_code == 401


# --- who may -----------------------------------------------------------------------
READERS = {"client_facing", "compliance_officer", "senior_manager", "governing_body",
           "teller", "auditor"}  # fmt: skip
FRONT = {"client_facing", "compliance_officer"}
COMPLIANCE = {"compliance_officer"}
WHO = {
    "create_customer": FRONT, "edit_customer": FRONT, "stage_customer": FRONT,
    "get_customer": READERS, "fetch_customer": READERS, "lookup_customer": READERS,
    "fetch_account": READERS, "get_account": READERS,
    "create_account": FRONT | {"teller"},
    "report_holding": set(),  # programs alone
    "decline_customer": COMPLIANCE,
    "dispose_customer": COMPLIANCE,
    "download_customer": COMPLIANCE,
    **{name: READERS | {"administrator"} for name in DICTIONARIES},
}  # fmt: skip


def test_every_route_has_its_permission_and_who_holds_it() -> None:
    assert set(WHO) == {name.removeprefix("api.") for name in PERMISSIONS}
    assert (len(ROUTES), len(DICTIONARIES)) == (12, 12)
    assert set(DICTIONARIES) == set(Dictionary)
    for name, roles in WHO.items():
        held = {str(role) for role in Role if f"api.{name}" in permissions_of(role)}
        assert held == roles, name


@pytest.mark.parametrize("role", Role)
def test_a_route_asks_for_its_permission(
    role: Role, client_as: ClientAs, make_staff: MakeStaff
) -> None:
    client = client_as(make_staff(role))
    reads, writes = client.get(PROBE), client.post(PROBE, {}, "application/json")
    assert reads.status_code == (200 if role in READERS else 403)
    assert client.head(PROBE).status_code == reads.status_code
    assert writes.status_code == (201 if role in FRONT else 403)
    assert client.put(PROBE).status_code == 405


@pytest.mark.urls("config.urls")
def test_every_route_of_the_house_names_its_permissions() -> None:
    patterns: list[Any] = get_resolver().url_patterns
    routes = [
        pattern.callback.view_class
        for included in patterns
        if str(included.pattern) == "api/v1/"
        for pattern in included.url_patterns
    ]
    ours = [view for view in routes if issubclass(view, HouseView)]
    assert ours
    for view in ours:
        offered = {m.upper() for m in ("get", "post", "put", "patch", "delete")
                   if hasattr(view, m)}  # fmt: skip
        assert set(view.permissions) == offered, view
        named = {name for name in view.permissions.values() if name}
        codes = {name if "." in name else f"api.{name}" for name in named}
        assert codes <= set(SCOPES), view
    posts = [view for view in routes if hasattr(view, "post")]
    assert all(getattr(view.post, "acts_once", False) for view in posts)


def test_every_scope_stands_once_in_the_form() -> None:
    assert sorted(chain.from_iterable(GROUPS.values())) == sorted(SCOPES)
