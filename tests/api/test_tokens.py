"""API tokens: what they open, what they never give, and how they end."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from api.callers.tokens import MAX_TOKENS, create_token, revoke_token, scopes_of
from api.models import ApiToken
from common.errors import DomainError, NotForYouError
from customers.registry.models import Customer
from tenants.models import Tenant, User
from tenants.services import change_staff
from tests.api.conftest import ME, a_token, bearer, refusal
from tests.conftest import MakeCustomer, MakeStaff

pytestmark = pytest.mark.django_db


def refused(secret: str) -> None:
    answer = bearer(secret).get(ME)
    body = refusal(answer, 401, "NOT_AUTHENTICATED")
    assert body["message"] == "These credentials are not accepted."
    assert answer["WWW-Authenticate"] == "Bearer"


def test_it_opens_what_it_is_for(officer: User) -> None:
    secret = a_token(officer, "api.get_customer", "api.income")
    said = bearer(secret).get(ME).json()
    assert said["known_by"] == "token"
    assert said["permissions"] == ["api.get_customer", "api.income"]
    start, prefix, rest = secret.split("_")
    assert (start, len(prefix), len(rest)) == ("vst", 8, 43)
    token = ApiToken.objects.get(prefix=prefix)
    assert rest not in str(vars(token))


def test_it_gives_no_more_than_its_user_has(officer: User, administrator: User) -> None:
    secret = a_token(officer, "api.decline_customer", "api.get_customer")
    change_staff(
        officer.pk, name="Moved", roles=["auditor"], is_active=True,
        by=administrator, reason="Moved",
    )  # fmt: skip
    assert bearer(secret).get(ME).json()["permissions"] == ["api.get_customer"]


def test_a_superusers_token_is_no_more_than_its_scopes(officer: User) -> None:
    officer.is_superuser = True
    officer.save_as(officer, "For the test")
    secret = a_token(officer, "api.income")
    assert bearer(secret).get(ME).json()["permissions"] == ["api.income"]
    held = User.objects.get(pk=officer.pk)
    held.scopes = frozenset({"api.income"})
    assert not held.has_perm("registry.suspend_customer")
    assert held.get_all_permissions() == {"api.income"}


def test_it_opens_rooms_below_by_their_own_scope(
    officer: User, make_customer: MakeCustomer
) -> None:
    customer: Customer = make_customer()
    place = f"/api/v1/customer/{customer.pk}/documents"
    refusal(bearer(a_token(officer, "api.income")).get(place), 403, "FORBIDDEN")
    reader = bearer(a_token(officer, "documents.view_document"))
    assert reader.get(place).status_code == 200
    refusal(reader.post(place, {"kind": "id"}), 403, "FORBIDDEN")


def test_no_pages_of_staff(officer: User) -> None:
    answer = bearer(a_token(officer)).get("/admin/")
    assert answer.status_code == 302


def test_revoked_expired_barred_and_altered(officer: User, administrator: User) -> None:
    secret = a_token(officer)
    assert bearer(secret).get(ME).status_code == 200
    token = ApiToken.objects.get()
    flipped = secret[:-1] + ("a" if secret[-1] != "a" else "b")
    for bad in (flipped, secret.upper(), secret + "x", secret[:-1], "vst" + secret):
        refused(bad)
    yesterday = timezone.now().date() - timedelta(days=1)
    ApiToken.objects.update(expires_on=yesterday)
    refused(secret)
    ApiToken.objects.update(expires_on=yesterday + timedelta(days=1))
    assert bearer(secret).get(ME).status_code == 200
    about = {"name": "X", "roles": ["auditor"], "by": administrator, "reason": "Left"}
    change_staff(officer.pk, is_active=False, **about)  # type: ignore[arg-type]
    refused(secret)
    change_staff(officer.pk, is_active=True, **about)  # type: ignore[arg-type]
    assert bearer(secret).get(ME).status_code == 200
    revoke_token(token.pk, by=administrator)
    refused(secret)
    token.refresh_from_db()
    assert token.revoked_by == administrator


def test_who_went_to_another_bank_leaves_it_behind(
    officer: User, second_bank: Tenant
) -> None:
    secret = a_token(officer)
    User.objects.filter(pk=officer.pk).update(tenant=second_bank)
    refused(secret)


def test_the_time_of_use_is_written_once_a_minute(
    officer: User, django_assert_num_queries: Any
) -> None:
    secret = a_token(officer)
    client = bearer(secret)
    client.get(ME)
    first = ApiToken.objects.get().last_used_at
    with django_assert_num_queries(2):  # the token with its user, and the rights
        client.get(ME)
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
    client.get(ME)
    last = ApiToken.objects.get().last_used_at
    assert last is not None
    assert last > timezone.now() - timedelta(seconds=9)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": " "}, "name"), ({"name": "x" * 81}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["deposits.open_account"]}, "scopes"),  # tellers' alone
        ({"scopes": ["registry.suspend_customer"]}, "scopes"),
        ({"scopes": ["api.manage_tokens"]}, "scopes"),
        ({"days": 366}, "expires_on"), ({"days": -1}, "expires_on"),
    ],
)  # fmt: skip
def test_what_cannot_be_made(officer: User, said: dict[str, Any], field: str) -> None:
    said = {"name": "A", "scopes": ["api.income"], "days": 9, **said}
    ends = timezone.now().date() + timedelta(days=said.pop("days"))
    with pytest.raises(DomainError) as refusal_:
        create_token(by=officer, expires_on=ends, **said)
    assert refusal_.value.field == field
    assert not ApiToken.objects.exists()


def test_a_token_makes_no_token(officer: User) -> None:
    officer.scopes = frozenset({"api.income"})
    with pytest.raises(NotForYouError):
        a_token(officer, "api.income")


def test_there_is_an_end_to_them(officer: User) -> None:
    for _ in range(MAX_TOKENS):
        a_token(officer)
    with pytest.raises(DomainError, match="revoke one first"):
        a_token(officer)


def test_whose_token_one_may_revoke(
    officer: User, make_staff: MakeStaff, second_bank: Tenant
) -> None:
    a_token(officer)
    token = ApiToken.objects.get()
    with pytest.raises(NotForYouError):
        revoke_token(token.pk, by=make_staff("auditor"))
    with pytest.raises(ApiToken.DoesNotExist):
        revoke_token(token.pk, by=make_staff("administrator", tenant=second_bank))
    revoke_token(token.pk, by=officer)
    at = ApiToken.objects.get().revoked_at
    revoke_token(token.pk, by=officer)  # twice is no error
    assert ApiToken.objects.get().revoked_at == at


def test_scopes_are_what_one_may(officer: User, make_staff: MakeStaff) -> None:
    assert "api.decline_customer" in scopes_of(officer)
    assert "api.decline_customer" not in scopes_of(make_staff("teller"))
    assert scopes_of(make_staff()) == {}
