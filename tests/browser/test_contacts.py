"""A phone is added, proven and made primary; a profile is filled in from what lacks."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.processes import RunningHouse
from tests.browser.steps import customer_url, in_dialog, panel, reload_until
from tests.browser.visitors import PHONE, WIDE, Visitors

pytestmark = pytest.mark.browser

SIZES = {"wide": WIDE, "phone": PHONE}
# At each width a customer and a number of their own.
PEOPLE = {
    "wide": ("Nadia Benhaddou", "+233 (0)20 999 0101", "+233 20 999 0101"),
    "phone": ("Ines Carvalho", "00233 209 990 102", "+233 20 999 0102"),
}


@pytest.mark.parametrize("width", SIZES)
def test_a_phone_is_added_proven_and_made_primary(
    house: RunningHouse, visitors: Visitors, width: str
) -> None:
    name, typed, shown = PEOPLE[width]
    clerk = visitors.enter("client_facing", size=SIZES[width])
    place = customer_url(house, name)
    clerk.goto(place)
    _add_phone(clerk, typed)
    contacts = panel(clerk, "Contacts")
    row = contacts.locator(".v-row", has_text=shown)
    expect(row).to_contain_text("not verified")

    row.get_by_role("link", name=re.compile("^Send code")).click()
    in_dialog(clerk, "Send the code")
    expect(clerk.get_by_text("The code is on its way.")).to_be_visible()
    code = _code_sent_to(clerk, house, shown.replace(" ", ""))
    clerk.goto(place)
    row.get_by_role("link", name=re.compile("^Enter code")).click()
    wrong = "000000" if code != "000000" else "111111"
    in_dialog(clerk, "Verify", Code=wrong)
    expect(clerk.get_by_role("dialog")).to_contain_text("tries are left")
    in_dialog(clerk, "Verify", Code=code)
    expect(row).to_contain_text("Verified")

    row.get_by_role("button", name=re.compile("^More")).click()
    row.get_by_role("menuitem", name="Make primary").click()
    in_dialog(clerk, "Make primary", Why="Asked for at the counter")
    is_primary = re.compile("^Primary")
    expect(row.locator("> .v-meta")).to_have_text(is_primary)
    said = contacts.locator(".v-row > .v-meta", has_text=is_primary)
    expect(said).to_have_count(2)  # the phone, and the e-mail


@pytest.mark.parametrize("width", SIZES)
def test_a_profile_is_filled_in_from_what_is_missing(
    house: RunningHouse, visitors: Visitors, width: str
) -> None:
    clerk = visitors.enter("client_facing", size=SIZES[width])
    clerk.goto(customer_url(house, PEOPLE[width][0]))
    before = _percent(clerk)
    profile = panel(clerk, "Profile")
    lacking = profile.locator(".v-row", has_text="Education")
    lacking.get_by_role("link", name=re.compile("^Add")).click()
    expect(clerk).to_have_url(re.compile("/profile/#id_education$"))
    clerk.get_by_label("Education").select_option(index=1)
    clerk.get_by_label("Gender").select_option(index=1)
    chosen = clerk.get_by_label("Education").input_value()
    clerk.get_by_role("button", name="Save").click()
    expect(clerk.get_by_text("Say why")).to_be_visible()
    expect(clerk.get_by_label("Education")).to_have_value(chosen)
    clerk.get_by_label("Why").fill("Told us at the counter")
    clerk.get_by_role("button", name="Save").click()
    expect(clerk.get_by_text("Saved.")).to_be_visible()
    expect(lacking).not_to_contain_text("missing")
    assert _percent(clerk) > before


def _add_phone(page: Page, number: str) -> None:
    panel(page, "Contacts").get_by_role("link", name="Add phone").click()
    wrong = "+233 20 999 0101 ext. 4"
    in_dialog(page, "Add", Why="Told us at the counter", Phone=wrong)
    expect(page.get_by_role("dialog")).to_contain_text("extension")
    in_dialog(page, "Add", Phone=number)
    expect(page.get_by_role("dialog")).to_be_hidden()


def _code_sent_to(page: Page, house: RunningHouse, number: str) -> str:
    page.goto(f"{house.url}/contacts/sms/")
    message = page.locator("article", has_text=number)
    reload_until(page, lambda: message.count() > 0)
    found = re.search(r"\b(\d{6})\b", message.first.inner_text())
    assert found
    return found[1]


def _percent(page: Page) -> int:
    found = re.search(
        r"(\d+) % complete", page.locator("main, body").first.inner_text()
    )
    assert found
    return int(found[1])
