"""Staff sign in through a real Keycloak; whom we do not know stays outside."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tenants.single_sign_on import StaffOIDCBackend
from tests.browser.processes import (
    RunningHouse,
    environment,
    make_demo,
    manage,
    running_house,
)
from tests.browser.visitors import Visitors, shared_chromium
from tests.services.conftest import EXAMPLE, is_listening, require

pytestmark = [pytest.mark.service, pytest.mark.browser]

OFFICER = "compliance_officer@demo.example"
STRANGER = "stranger@elsewhere.example"
REFUSED = "Single sign-on did not let you in."
# More tries than a password has, all from one address.
MANY_TRIES = 6
BAR = """
from tenants.models import User
from tenants.services import change_staff, get_machine
officer = User.objects.get(username="{email}")
change_staff(officer.pk, name=officer.name, roles=officer.roles, is_active={active},
    by=get_machine("setup"), reason="For the test")
"""
MAKE_CUSTOMER = """
from tenants.models import Tenant, User
from tenants.services import get_machine
user = User(tenant=Tenant.objects.get(slug="demo"), kind=User.Kind.CUSTOMER,
    username="{email}", email="{email}", name="A customer")
user.set_unusable_password()
user.save_as(get_machine("setup"), "For the test")
"""


@pytest.fixture(scope="module")
def issuer() -> str:
    address: str = EXAMPLE.str("STAFF_OIDC_ISSUER")
    require("Keycloak", is_listening(address))
    return address


@pytest.fixture(scope="module")
def house(
    issuer: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningHouse]:
    names = ("STAFF_OIDC_CLIENT_ID", "STAFF_OIDC_CLIENT_SECRET")
    settings = {name: EXAMPLE.str(name) for name in names}
    demo = make_demo(tmp_path_factory.mktemp("demo"))
    folder = tmp_path_factory.mktemp("house")
    with running_house(demo, folder, STAFF_OIDC_ISSUER=issuer, **settings) as running:
        yield running


@pytest.fixture(scope="module")
def chromium(issuer: str) -> Iterator[Browser]:
    with shared_chromium() as browser:
        yield browser


@pytest.fixture
def visitors(chromium: Browser, house: RunningHouse) -> Iterator[Visitors]:
    people = Visitors(chromium, house)
    yield people
    people.leave()
    assert not people.faults


def do(house: RunningHouse, code: str) -> None:
    """Do something in the house that its pages do not offer."""
    manage(environment(house.folder, 0), "shell", "--verbosity", "0", "-c", code)


@contextmanager
def barred(house: RunningHouse, email: str) -> Iterator[None]:
    do(house, BAR.format(email=email, active=False))
    yield
    do(house, BAR.format(email=email, active=True))


def sign_in(page: Page, house: RunningHouse, email: str, path: str = "/admin/") -> None:
    """Go through Keycloak's own form."""
    page.goto(f"{house.url}{path}")
    page.get_by_role("link", name="Sign in with single sign-on").click()
    page.locator("#username").fill(email)
    page.locator("#password").fill(EXAMPLE.str("DEMO_PASSWORD"))
    page.locator("#kc-login").click()


def assert_refused(page: Page, house: RunningHouse) -> None:
    expect(page.get_by_role("alert")).to_contain_text(REFUSED)
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    page.goto(f"{house.url}/admin/")  # and there is no session either
    expect(page.get_by_role("button", name="Log in")).to_be_visible()


def everybody(house: RunningHouse) -> list[tuple[str, str, int]]:
    return house.rows(
        "SELECT username, kind, last_login IS NULL FROM tenants_user ORDER BY username"
    )


def test_the_officer_comes_in_and_where_they_wanted(
    house: RunningHouse, visitors: Visitors
) -> None:
    before = len(everybody(house))
    officer = visitors.enter()
    sign_in(officer, house, OFFICER)
    expect(officer.get_by_role("heading", name="What waits for me")).to_be_visible()
    expect(officer.get_by_text("Compliance officer")).to_be_visible()
    assert len(everybody(house)) == before

    again = visitors.enter()
    sign_in(again, house, OFFICER, "/admin/registry/customer/")
    expect(again.get_by_role("heading", name="Customers", level=1)).to_be_visible()


def test_a_stranger_is_refused_and_nobody_is_made(
    house: RunningHouse, visitors: Visitors
) -> None:
    before = everybody(house)
    stranger = visitors.enter()
    sign_in(stranger, house, STRANGER)
    assert_refused(stranger, house)
    assert everybody(house) == before


def test_many_strangers_do_not_lock_staff_out(
    house: RunningHouse, visitors: Visitors
) -> None:
    stranger = visitors.enter()
    sign_in(stranger, house, STRANGER)
    for _ in range(MANY_TRIES):
        assert_refused(stranger, house)
        stranger.get_by_role("link", name="Sign in with single sign-on").click()
        # Keycloak remembers the name, but at a counter it must ask for the password.
        stranger.locator("#password").fill(EXAMPLE.str("DEMO_PASSWORD"))
        stranger.locator("#kc-login").click()
    officer = visitors.enter()
    sign_in(officer, house, OFFICER)
    expect(officer.get_by_role("heading", name="What waits for me")).to_be_visible()
    house.sign_in(visitors.enter(), "teller")  # with a password


def test_who_may_not_sign_in_any_more_is_refused(
    house: RunningHouse, visitors: Visitors
) -> None:
    with barred(house, OFFICER):
        barred_one = visitors.enter()
        sign_in(barred_one, house, OFFICER)
        assert_refused(barred_one, house)
    welcome = visitors.enter()
    sign_in(welcome, house, OFFICER)
    expect(welcome.get_by_role("heading", name="What waits for me")).to_be_visible()


def test_a_customer_with_that_name_does_not_become_staff(
    house: RunningHouse, visitors: Visitors
) -> None:
    do(house, MAKE_CUSTOMER.format(email=STRANGER))
    customer = visitors.enter()
    sign_in(customer, house, STRANGER)
    assert_refused(customer, house)
    mine = [row for row in everybody(house) if row[0] == STRANGER]
    assert mine == [(STRANGER, "customer", 1)]  # still a customer, never signed in


def test_an_address_that_nobody_verified_proves_nothing() -> None:
    backend = object.__new__(StaffOIDCBackend)  # its settings belong to the house
    for said in (None, False, "true", 1):
        assert not backend.verify_claims({"email": OFFICER, "email_verified": said})
    assert not backend.verify_claims({"email": "", "email_verified": True})
    assert backend.verify_claims({"email": OFFICER, "email_verified": True})
