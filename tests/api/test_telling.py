"""What answers tell besides: to whom a name is said, and what comes back again."""

import pytest
from django.conf import LazySettings
from django.test import Client

from api.services import register_client
from config.checks import check_proxies
from customers.registry.models import Customer
from tenants.models import Tenant, User
from tests.api.conftest import a_token, bearer, refusal
from tests.api.provider import Provider
from tests.api.routes_table import CREATE, LINK
from tests.api.sending import send
from tests.conftest import MakeCustomer, MakeStaff

pytestmark = pytest.mark.django_db


@pytest.fixture
def ama(make_customer: MakeCustomer) -> Customer:
    return make_customer(name="Ama Mensah", phone="+233244123456", verified=True)


def test_who_may_only_register_does_not_learn_who_is_a_customer(
    ama: Customer, officer: User
) -> None:
    body = {**CREATE, "phone": ama.phone, "details": ama.details, "name": ama.name}
    scopes = ("api.create_customer", "api.stage_customer")
    for token, knows in (
        (a_token(officer, *scopes), False),
        (a_token(officer, *scopes, "api.get_customer"), True),
    ):
        answer = send(bearer(token), "POST", "", body)
        message = refusal(answer, 409, "PHONE_ALREADY_REGISTERED")["message"]
        assert (message == f"{ama} has this phone already.") is knows
        assert (ama.public_id in message) is knows
        staged = send(bearer(token), "POST", "/stage", body)
        (problem,) = staged.json()["problems"]
        assert problem["message"] == message
        assert bool(staged.json()["like_it"]) is knows
        assert (ama.public_id in staged.content.decode()) is knows


def test_a_replayed_answer_keeps_its_headers(front: Client) -> None:
    key = {"Idempotency-Key": "k"}
    first, again = (send(front, "POST", "", CREATE, **key) for _ in range(2))
    assert again["Idempotency-Replayed"] == "true"
    assert again["ETag"] == first["ETag"] == '"1"'
    assert again["Location"] == first["Location"]


@pytest.mark.parametrize(
    ("scope", "body", "status"),
    [
        ("deposits.open_account", {"kind": "deposit"}, 201),
        ("deposits.open_account", LINK, 403),
        ("deposits.open_account", {**LINK, "kind": "wallet"}, 403),
        ("deposits.link_account", LINK, 201),
        ("deposits.link_account", {"kind": "deposit"}, 403),
    ],
)
def test_each_kind_of_account_asks_for_its_own_right(
    scope: str, body: dict[str, str], status: int, ama: Customer, make_staff: MakeStaff
) -> None:
    both = make_staff("teller", "client_facing")
    client = bearer(a_token(both, "api.create_account", scope))
    answer = send(client, "POST", f"/{ama.pk}/account", body)
    assert answer.status_code == status, answer.content


def test_the_description_is_for_programs_too(
    provider: Provider, demo_bank: Tenant, administrator: User
) -> None:
    register_client(
        tenant=demo_bank, client_id="core", name="Core", roles=["auditor"],
        by=administrator,
    )  # fmt: skip
    client = bearer(provider.of_client("core"))
    assert client.get("/api/schema/").status_code == 200
    refusal(Client().get("/api/schema/"), 401, "NOT_AUTHENTICATED")


@pytest.mark.parametrize(
    ("changes", "is_warned"),
    [({}, True), ({"API_PROXIES": 1}, False), ({"HAS_TLS": False}, False),
     ({"DEBUG": True}, False)],
)  # fmt: skip
def test_a_proxy_that_hides_callers_is_warned_of(
    changes: dict[str, object], is_warned: bool, settings: LazySettings
) -> None:
    said = {"DEBUG": False, "HAS_TLS": True, "API_PROXIES": 0, **changes}
    for name, value in said.items():
        setattr(settings, name, value)
    assert [message.id for message in check_proxies()] == ["vestibule.W005"] * is_warned
