"""Staff sign in, others do not; whoever changes staff is on record."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.http import HttpRequest
from django.test import Client

from common.errors import DomainError, NotForYouError
from tenants.models import MissingActorError, Tenant, User
from tenants.services import (
    MACHINES,
    change_staff,
    get_machine,
    register_staff,
    synchronise_machines,
)
from tenants.throttling import login_typed
from tests.conftest import ClientAs, MakeStaff

PASSWORD = "correct horse battery"
LOGIN = "/admin/login/"


@pytest.fixture(autouse=True)
def _quick_hashes(settings: LazySettings) -> None:
    """Real hashes take half a second each, and none is being tested here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def teller(make_staff: MakeStaff) -> User:
    return make_staff("teller", password=PASSWORD)


def sign_in(username: str, password: str, client: Client | None = None) -> int:
    """Return the status: 302 in, 200 refused, 429 locked out."""
    answers = {"username": username, "password": password}
    return (client or Client()).post(LOGIN, answers).status_code


# --- nobody saves as nobody -----------------------------------------------------


def test_saving_without_an_actor_is_refused(demo_bank: Tenant, teller: User) -> None:
    with pytest.raises(MissingActorError):
        User(tenant=demo_bank, username="x@bank.example").save()
    teller.name = "Somebody Else"
    with pytest.raises(MissingActorError):
        teller.save()
    with pytest.raises(MissingActorError):
        teller.save(update_fields=["name"])
    with pytest.raises(MissingActorError):
        teller.save(update_fields=["name", "last_login"])
    demo_bank.kyc_required = False
    with pytest.raises(MissingActorError):
        demo_bank.save()


def test_an_actor_serves_for_one_save_only(teller: User, setup_machine: User) -> None:
    teller.save_as(setup_machine, "Because")
    with pytest.raises(MissingActorError):
        teller.save()


def test_a_version_keeps_who_and_why_but_no_password(
    teller: User, setup_machine: User
) -> None:
    version = teller.history.get()
    assert version.history_user == setup_machine
    assert version.history_change_reason == "Staff login created"
    assert not hasattr(version, "password")


def test_signing_in_owes_no_version(teller: User) -> None:
    assert sign_in(teller.username, PASSWORD) == 302
    teller.refresh_from_db()
    assert teller.last_login
    assert teller.history.count() == 1


def test_a_machine_is_one_user_and_cannot_sign_in(db: None) -> None:
    machine = User.objects.get(username="system:sumsub")
    assert (machine.is_active, machine.has_usable_password()) == (False, False)
    assert machine.history.get().history_user == machine


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_is_known_without_asking(
    db: None, name: str, django_assert_num_queries: Callable[[int], Any]
) -> None:
    with django_assert_num_queries(0):
        machine = get_machine(name)
    stored = User.objects.get(username=f"system:{name}")
    assert machine == stored
    assert (machine.kind, machine.name) == (stored.kind, stored.name)


def test_machines_are_made_once(db: None) -> None:
    synchronise_machines()
    machines = User.objects.filter(kind=User.Kind.MACHINE)
    assert machines.count() == len(MACHINES)
    assert {machine.history.count() for machine in machines} == {1}


# --- roles ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("roles", "is_active"), [(["senior_manager"], True), (["administrator"], False)]
)
def test_nobody_changes_their_own_roles_or_bars_themselves(
    make_staff: MakeStaff, roles: list[str], *, is_active: bool
) -> None:
    me = make_staff("administrator")
    with pytest.raises(NotForYouError):
        change_staff(
            me.pk, name="Me", roles=roles, is_active=is_active, by=me, reason="Mine"
        )
    me.refresh_from_db()
    assert (me.roles, me.is_active) == (["administrator"], True)
    assert me.history.count() == 1


def test_ones_own_name_is_ones_own(make_staff: MakeStaff) -> None:
    me = make_staff("administrator")
    change_staff(
        me.pk,
        name="New Name",
        roles=["administrator"],
        is_active=True,
        by=me,
        reason="Married",
    )
    me.refresh_from_db()
    assert me.name == "New Name"


def test_a_colleague_changes_roles_and_groups_follow(make_staff: MakeStaff) -> None:
    boss, user = make_staff("administrator"), make_staff("teller")
    change_staff(
        user.pk,
        name=user.name,
        roles=["auditor"],
        is_active=True,
        by=boss,
        reason="New job",
    )
    user = User.objects.get(pk=user.pk)
    assert not user.has_perm("deposits.open_account")
    assert user.has_perm("registry.view_task")
    version = user.history.first()
    assert (version.history_user, version.history_change_reason) == (boss, "New job")


@pytest.mark.parametrize("email", ["STAFF1@bank.example", " staff1@BANK.example "])
def test_one_login_per_address(
    make_staff: MakeStaff, demo_bank: Tenant, setup_machine: User, email: str
) -> None:
    make_staff("teller")
    with pytest.raises(DomainError, match=r"There is a login staff1@bank\.example"):
        register_staff(
            tenant=demo_bank, email=email, name="Twin", roles=[], by=setup_machine
        )


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "x" * 250 + "@bank.example"])
def test_an_address_that_is_none_is_refused(
    demo_bank: Tenant, setup_machine: User, email: str
) -> None:
    with pytest.raises(DomainError, match="does not look right"):
        register_staff(
            tenant=demo_bank, email=email, name="X", roles=[], by=setup_machine
        )


# --- the door -------------------------------------------------------------------


def test_staff_sign_in(teller: User) -> None:
    client = Client()
    assert client.get("/admin/").status_code == 302
    assert sign_in(teller.username, PASSWORD, client) == 302
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("typed", ["STAFF1@BANK.EXAMPLE", "Staff1@bank.example"])
def test_capitals_in_the_address_do_not_matter(teller: User, typed: str) -> None:
    assert sign_in(typed, PASSWORD) == 302


def test_the_form_needs_its_token(teller: User) -> None:
    client = Client(enforce_csrf_checks=True)
    assert sign_in(teller.username, PASSWORD, client) == 403


def test_a_wrong_and_an_unknown_login_look_the_same(teller: User) -> None:
    def page(username: str) -> str:
        client = Client()
        client.get(LOGIN)
        answers = {"username": username, "password": "wrong"}
        text = client.post(LOGIN, answers).content.decode()
        token = client.cookies["csrftoken"].value
        lines = [line for line in text.splitlines() if "csrf" not in line.lower()]
        return "\n".join(lines).replace(username, "WHO").replace(token, "")

    assert page(teller.username) == page("nobody@bank.example")


def test_five_failures_lock_the_door_even_for_the_right_password(teller: User) -> None:
    for _ in range(4):
        assert sign_in(teller.username, "wrong") == 200
    assert sign_in(teller.username, "wrong") == 429
    assert sign_in(teller.username, PASSWORD) == 429


def test_one_who_is_locked_out_locks_out_nobody_else(
    teller: User, make_staff: MakeStaff
) -> None:
    colleague = make_staff("auditor", password=PASSWORD)
    for _ in range(5):
        sign_in(teller.username, "wrong")
    assert sign_in(colleague.username, PASSWORD) == 302


def test_success_forgets_the_failures(teller: User) -> None:
    for _ in range(4):
        sign_in(teller.username, "wrong")
    assert sign_in(teller.username, PASSWORD) == 302
    for _ in range(4):
        assert sign_in(teller.username, "wrong") == 200


def test_capitals_give_no_further_tries(teller: User) -> None:
    spellings = ["staff1", "Staff1", "sTaff1", "stAff1", "STAFF1", " staff1"]
    statuses = [sign_in(f"{name}@bank.example", "wrong") for name in spellings]
    assert 429 in statuses


@pytest.mark.parametrize("typed", ["staff1@bank.example", " STAFF1@Bank.example"])
def test_every_door_counts_the_same_login(typed: str) -> None:
    """The form folds what is typed; the portal and the API come without a form."""
    credentials = {"username": typed, "password": "wrong"}
    assert login_typed(HttpRequest(), credentials) == "staff1@bank.example"
    assert login_typed(HttpRequest(), None) == ""


def test_somebody_barred_does_not_get_in(
    teller: User, make_staff: MakeStaff, client_as: ClientAs
) -> None:
    at_work = client_as(teller)
    assert at_work.get("/admin/").status_code == 200
    change_staff(
        teller.pk,
        name=teller.name,
        roles=teller.roles,
        is_active=False,
        by=make_staff("administrator"),
        reason="Left the bank",
    )
    assert sign_in(teller.username, PASSWORD) == 200
    assert at_work.get("/admin/").status_code == 302, "open sessions end at once"


@pytest.mark.parametrize("kind", [User.Kind.CUSTOMER, User.Kind.MACHINE])
@pytest.mark.parametrize("is_superuser", [False, True])
def test_customers_and_machines_never_see_the_admin(
    setup_machine: User,
    demo_bank: Tenant,
    client_as: ClientAs,
    kind: str,
    *,
    is_superuser: bool,
) -> None:
    """Even active, with a password, with a session and with the superuser flag."""
    user = User(
        tenant=demo_bank, kind=kind, username="c@mail.example", is_active=True,
        is_superuser=is_superuser,
    )  # fmt: skip
    user.set_password(PASSWORD)
    user.save_as(setup_machine, "For the test")
    assert sign_in(user.username, PASSWORD) == 200
    assert client_as(user).get("/admin/").status_code == 302


def test_the_session_cookie_is_out_of_reach(teller: User) -> None:
    client = Client()
    sign_in(teller.username, PASSWORD, client)
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["max-age"], "gone when the browser is closed"


def test_signing_in_changes_the_session_key(teller: User) -> None:
    client = Client()
    client.get(LOGIN)
    session = client.session
    session["before"] = True
    session.save()
    client.cookies["sessionid"] = str(session.session_key)
    sign_in(teller.username, PASSWORD, client)
    assert client.cookies["sessionid"].value != session.session_key
