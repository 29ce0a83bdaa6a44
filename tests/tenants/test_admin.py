"""Staff and policy pages: administrators alone, their own institution alone."""

from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from tenants.models import Tenant, User
from tests.conftest import ClientAs, MakeStaff

pytestmark = pytest.mark.once

STAFF = "admin:tenants_user_changelist"
ADD = "admin:tenants_user_add"
GOOD = "correct horse battery 7"
NONSENSE = ("\x00", "x" * 10_000, "<script>", "𝕏" * 300, "-1", "9" * 40, "")


@pytest.fixture(autouse=True)
def _quick_hashes(settings: LazySettings) -> None:
    """Hashing is slow on purpose; here it is not what is tested."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def boss(make_staff: MakeStaff) -> User:
    return make_staff("administrator", password=GOOD)


@pytest.fixture
def desk(boss: User, client_as: ClientAs) -> Client:
    return client_as(boss)


@pytest.fixture
def stranger(make_staff: MakeStaff, second_bank: Tenant, client_as: ClientAs) -> Client:
    return client_as(make_staff("administrator", tenant=second_bank))


def staff_page(name: str, user: User) -> str:
    return reverse(f"admin:tenants_user_{name}", args=[user.pk])


def policy_page(name: str, tenant: Tenant) -> str:
    return reverse(f"admin:tenants_tenant_{name}", args=[tenant.pk])


def newcomer(**overrides: Any) -> dict[str, Any]:
    return {
        "name": "Nora New",
        "email": "Nora@Bank.Example",
        "roles": ["client_facing"],
        "password": GOOD,
        "password_again": GOOD,
        **overrides,
    }


def policy(**overrides: Any) -> dict[str, Any]:
    return {
        "name": "Demo Bank", "pack": "bank", "currency": "USD", "time_zone": "UTC",
        "kyc_required": "on", "kyc_valid_days": "1095", "inactive_after_days": "365",
        "suspended_after_days": "3650", "retention_years": "7",
        "reason": "Board decision 12", **overrides,
    }  # fmt: skip


# --- staff ---
def test_a_new_colleague_can_sign_in(desk: Client, boss: User) -> None:
    forged = {"is_superuser": "on", "groups": "1", "tenant": "x"}
    answer = desk.post(reverse(ADD), newcomer(**forged))
    assert answer["Location"] == reverse(STAFF)
    nora = User.objects.get(username="nora@bank.example")
    assert (nora.tenant_id, nora.roles) == (boss.tenant_id, ["client_facing"])
    assert not nora.is_superuser
    assert nora.history.first().history_user == boss
    answer = Client().post(
        reverse("admin:login"), {"username": "NORA@bank.EXAMPLE ", "password": GOOD}
    )
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"password": "short", "password_again": "short"}, "password"),
        ({"password": "nora@bank.example", "password_again": "nora@bank.example"},
         "password"),
        ({"password": "123456789012345", "password_again": "123456789012345"},
         "password"),
        ({"password_again": "another one 77"}, "password_again"),
        ({"password": "", "password_again": ""}, "password"),
        ({"email": "nobody"}, "email"),
        ({"name": " "}, "name"),
        ({"roles": ["superuser"]}, "roles"),
        ({"roles": ["administrator", "teller"]}, "roles"),
        ({"roles": ["teller", "compliance_officer"]}, "roles"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(
    desk: Client, typed: dict[str, Any], field: str
) -> None:
    answer = desk.post(reverse(ADD), newcomer(**typed))
    assert field in answer.context["form"].errors
    assert not User.objects.filter(name="Nora New").exists()
    assert GOOD not in answer.content.decode()


def test_incompatible_roles_are_refused_in_a_sentence(
    desk: Client, make_staff: MakeStaff
) -> None:
    user = make_staff("teller")
    said = {"name": "T", "roles": ["teller", "compliance_officer"], "is_active": "on"}
    body = desk.post(staff_page("change", user), {**said, "reason": "Busy"}).content
    assert "may not be the same person" in body.decode()
    user.refresh_from_db()
    assert user.roles == ["teller"]


def test_a_known_login_is_refused(desk: Client, boss: User) -> None:
    errors = desk.post(reverse(ADD), newcomer(email=boss.email.upper())).context["form"]
    assert "There is a login" in str(errors.errors["email"])


def test_change_is_kept_with_actor_and_reason(
    desk: Client, boss: User, make_staff: MakeStaff
) -> None:
    user = make_staff("teller")
    said = {"name": "Tessa", "roles": ["auditor"], "reason": "Left the counter"}
    assert desk.post(staff_page("change", user), said).status_code == 302
    user.refresh_from_db()
    assert (user.name, user.roles, user.is_active) == ("Tessa", ["auditor"], False)
    assert [group.name for group in user.groups.all()] == ["auditor"]
    body = desk.get(staff_page("history", user)).content.decode()
    for words in ("Left the counter", boss.name, "auditor"):
        assert words in body
    assert "md5$" not in body


def test_nobody_changes_their_own_roles(desk: Client, boss: User) -> None:
    said = {"name": boss.name, "roles": ["auditor"], "is_active": "on", "reason": "x"}
    body = desk.post(staff_page("change", boss), said).content.decode()
    assert "Nobody changes their own roles" in body
    said = {"name": boss.name, "roles": ["administrator"], "reason": "x"}
    assert desk.post(staff_page("change", boss), said).status_code == 200
    boss.refresh_from_db()
    assert (boss.roles, boss.is_active) == (["administrator"], True)


def test_nobody_is_deleted_and_versions_are_not_written(
    desk: Client, make_staff: MakeStaff
) -> None:
    user = make_staff("teller")
    assert desk.post(staff_page("delete", user), {"post": "yes"}).status_code == 403
    args = [user.pk, user.history.first().pk]
    url = reverse("admin:tenants_user_simple_history", args=args)
    assert desk.get(url).status_code == 200
    assert desk.post(url, {"name": "Forged"}).status_code == 403


def test_staff_of_another_institution_do_not_exist(
    stranger: Client, make_staff: MakeStaff
) -> None:
    user = make_staff("teller")
    assert user.email not in stranger.get(reverse(STAFF)).content.decode()
    for name in ("change", "history"):
        assert stranger.get(staff_page(name, user)).status_code == 404
    said = {"name": "Forged", "roles": [], "reason": "x"}
    assert stranger.post(staff_page("change", user), said).status_code == 404
    unknown = reverse("admin:tenants_user_change", args=[uuid4()])
    assert stranger.get(unknown).status_code == 404


def test_machines_and_customers_are_no_staff(
    desk: Client, setup_machine: User, boss: User
) -> None:
    login = User(username="c@mail.example", kind=User.Kind.CUSTOMER, tenant=boss.tenant)
    login.save_as(boss, "For the test")
    for nobody in (setup_machine, login):
        assert desk.get(staff_page("change", nobody)).status_code == 404
    assert "c@mail.example" not in desk.get(reverse(STAFF)).content.decode()


@pytest.mark.parametrize("role", ["compliance_officer", "teller", "auditor"])
def test_only_administrators_configure(
    make_staff: MakeStaff, client_as: ClientAs, demo_bank: Tenant, role: str
) -> None:
    user = make_staff(role)
    client = client_as(user)
    for url in (
        reverse(STAFF), reverse(ADD), staff_page("change", user),
        staff_page("history", user), reverse("admin:tenants_tenant_changelist"),
        policy_page("change", demo_bank), policy_page("history", demo_bank),
    ):  # fmt: skip
        assert client.get(url).status_code == 403, url
        assert client.post(url, newcomer()).status_code == 403, url


@pytest.mark.parametrize("field", list(newcomer()))
def test_staff_survive_nonsense(desk: Client, boss: User, field: str) -> None:
    for text in NONSENSE:
        answer = desk.post(reverse(ADD), newcomer(**{field: text}))
        assert answer.status_code in (200, 302), text
    changed = {"name": "B", "roles": [NONSENSE[2]], "reason": NONSENSE[0]}
    assert desk.post(staff_page("change", boss), changed).status_code == 200
    assert desk.get(reverse(STAFF), {"q": NONSENSE[1]}).status_code == 200


# --- policy ---
def test_policy_is_one_page_with_versions(
    desk: Client, boss: User, demo_bank: Tenant
) -> None:
    url = policy_page("change", demo_bank)
    assert desk.get(reverse("admin:tenants_tenant_changelist"))["Location"] == url
    assert desk.post(url, policy(inactive_after_days="180")).status_code == 302
    demo_bank.refresh_from_db()
    assert demo_bank.inactive_after_days == 180
    version = demo_bank.history.first()
    assert version.history_user == boss
    assert version.history_change_reason == "Board decision 12"
    body = desk.get(policy_page("history", demo_bank)).content.decode()
    assert "Board decision 12" in body
    assert "180" in body


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"suspended_after_days": "10"}, "__all__"),
        ({"inactive_after_days": "0"}, "__all__"),
        ({"currency": "XXX"}, "currency"),
        ({"pack": "casino"}, "pack"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"kyc_valid_days": "999999999"}, "kyc_valid_days"),
        ({"retention_years": "many"}, "retention_years"),
        ({"reason": ""}, "reason"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(
    desk: Client, demo_bank: Tenant, typed: dict[str, str], field: str
) -> None:
    answer = desk.post(policy_page("change", demo_bank), policy(**typed))
    assert field in answer.context["form"].errors
    assert demo_bank.history.count() == 1


def test_policy_of_another_institution_does_not_exist(
    stranger: Client, demo_bank: Tenant
) -> None:
    for name in ("change", "history"):
        assert stranger.get(policy_page(name, demo_bank)).status_code == 404
    assert stranger.post(policy_page("change", demo_bank), policy()).status_code == 404


@pytest.mark.parametrize("field", list(policy()))
def test_policy_survives_nonsense(desk: Client, demo_bank: Tenant, field: str) -> None:
    for text in NONSENSE:
        answer = desk.post(policy_page("change", demo_bank), policy(**{field: text}))
        assert answer.status_code in (200, 302), text


# --- sign in, own password ---
def test_own_password_is_changed_and_keeps_the_session(
    desk: Client, boss: User
) -> None:
    new = "staple another horse 9"
    said = {"old_password": GOOD, "new_password1": new, "new_password2": new}
    answer = desk.post(reverse("admin:password_change"), said, follow=True)
    assert "Your password is changed." in answer.content.decode()
    boss.refresh_from_db()
    assert boss.check_password(new)
    assert desk.get(reverse("admin:index")).status_code == 200


def test_own_password_must_be_good(desk: Client, boss: User) -> None:
    said = {"old_password": "wrong", "new_password1": "a", "new_password2": "b"}
    answer = desk.post(reverse("admin:password_change"), said)
    assert set(answer.context["form"].errors) == {"old_password", "new_password2"}
    assert Client().get(reverse("admin:password_change")).status_code == 302
    boss.refresh_from_db()
    assert boss.check_password(GOOD)


def test_tries_are_counted_however_the_name_is_written(boss: User) -> None:
    url, client = reverse("admin:login"), Client()
    names = [boss.email, boss.email.upper(), boss.email.title(), f" {boss.email}"]
    for name in (*names, boss.email):
        client.post(url, {"username": name, "password": "wrong"})
    answer = client.post(url, {"username": boss.email, "password": GOOD})
    assert answer.status_code in (403, 429)


def test_the_barred_and_the_customers_stay_outside(boss: User) -> None:
    boss.is_active = False
    boss.save_as(boss, "For the test")
    said = {"username": boss.email, "password": GOOD}
    assert Client().post(reverse("admin:login"), said).status_code == 200


def test_signing_out_says_so(desk: Client) -> None:
    body = desk.post(reverse("admin:logout")).content.decode()
    assert "You are signed out." in body
