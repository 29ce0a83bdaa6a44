"""The pages of tokens and clients: shown once, revoked, registered, barred."""

import re

import pytest
from django.urls import reverse

from api.models import ApiClient, ApiToken
from config.demo.callers import let_callers_in
from tenants.models import User
from tests.api.conftest import ME, a_token, bearer
from tests.api.routes import token_form
from tests.conftest import ClientAs, MakeStaff
from tests.routes import PRESSED

pytestmark = pytest.mark.django_db
LIST = "/admin/api/apitoken/"


def test_a_token_is_shown_once(client_as: ClientAs, officer: User) -> None:
    staff = client_as(officer)
    page = staff.get(f"{LIST}add/").content.decode()
    assert "Decline customers" in page
    assert "Open deposit accounts" not in page  # tellers' alone
    answer = staff.post(f"{LIST}add/", token_form({}))
    assert "no-store" in answer["Cache-Control"]
    found = re.search(r'data-v-copy="(vst_[^"]+)"', answer.content.decode())
    assert found
    assert bearer(found[1]).get(ME).status_code == 200
    listed = staff.get(LIST).content.decode()
    assert "Report" in listed
    assert ApiToken.objects.get().prefix in listed
    assert found[1].rpartition("_")[2] not in listed


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"name": ""}, "Give the token a name."),
        ({"expires_on": "soon"}, "Write the day as in"),
        ({"expires_on": "2099-01-01"}, "for a year at most"),
        ({"scopes": []}, "Say what the token is for."),
        ({"scopes": ["deposits.open_account"]}, "Choose from the list."),
    ],
)
def test_what_a_form_refuses(
    client_as: ClientAs, officer: User, said: dict[str, str], words: str
) -> None:
    answer = client_as(officer).post(f"{LIST}add/", {**token_form({}), **said})
    assert words in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_whose_tokens_one_sees_and_revokes(
    client_as: ClientAs, officer: User, administrator: User, make_staff: MakeStaff
) -> None:
    secret = a_token(officer)
    token = ApiToken.objects.get()
    colleague = client_as(make_staff("auditor"))
    assert token.prefix not in colleague.get(LIST).content.decode()
    revoke = reverse("admin:api_apitoken_revoke", args=[token.pk])
    assert colleague.post(revoke, PRESSED).status_code == 403
    assert bearer(secret).get(ME).status_code == 200
    for state, is_there in (("alive", True), ("revoked", False), ("expired", False)):
        page = client_as(administrator).get(LIST, {"state": state}).content.decode()
        assert (token.prefix in page) is is_there
    assert client_as(officer).get(revoke).status_code == 200
    client_as(officer).post(revoke, PRESSED)
    assert bearer(secret).get(ME).status_code == 401
    page = client_as(administrator).get(f"{LIST}{token.pk}/change/").content.decode()
    assert str(officer) in page
    assert revoke not in page


def test_a_client_is_registered_and_barred(
    client_as: ClientAs, administrator: User
) -> None:
    staff = client_as(administrator)
    said = {"client_id": "core", "name": "Core", "roles": ["teller"]}
    staff.post("/admin/api/apiclient/add/", said)
    client = ApiClient.objects.get()
    assert (client.user.kind, client.user.has_usable_password()) == ("machine", False)
    assert [group.name for group in client.user.groups.all()] == ["teller"]
    again = staff.post("/admin/api/apiclient/add/", said).content.decode()
    assert "core is registered already." in again
    both = {**said, "client_id": "two", "roles": ["teller", "compliance_officer"]}
    page = staff.post("/admin/api/apiclient/add/", both).content.decode()
    assert "may not be the same person" in page
    bar = {"name": "Core", "roles": ["teller"], "reason": "Gone"}
    staff.post(f"/admin/api/apiclient/{client.pk}/change/", bar)
    client = ApiClient.objects.get()
    assert (client.is_active, client.user.is_active) == (False, False)
    assert client.history.count() == 2


@pytest.mark.parametrize("client_id", ["", "a b", "a/b", "-x", "x" * 121, "é"])
def test_what_is_no_client_id(
    client_as: ClientAs, administrator: User, client_id: str
) -> None:
    said = {"client_id": client_id, "name": "Core", "roles": ["teller"]}
    answer = client_as(administrator).post("/admin/api/apiclient/add/", said)
    assert answer.status_code == 200
    assert not ApiClient.objects.exists()
    assert not User.objects.filter(username__startswith="client:").exists()


def test_the_demos_callers_are_made_once(officer: User) -> None:
    assert officer.tenant
    for _ in range(2):
        let_callers_in(officer.tenant, by=officer)
    assert (ApiToken.objects.count(), ApiClient.objects.count()) == (1, 1)
