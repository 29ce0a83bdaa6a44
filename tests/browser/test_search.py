"""The search box without a mouse: opened, typed into, chosen from, left again."""

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.processes import RunningHouse
from tests.browser.visitors import PHONE, WIDE, Visitors

pytestmark = pytest.mark.browser

NAME = "Okafor & Lindqvist Shipping Agency Ltd"
MISTYPED = "okafro lindqvist"


def box(page: Page) -> None:
    expect(page.get_by_role("dialog", name="Find a customer")).to_be_visible()
    expect(page.get_by_role("combobox")).to_be_focused()


def shut(page: Page) -> None:
    expect(page.get_by_role("dialog", name="Find a customer")).to_be_hidden()


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_a_customer_is_found_by_keyboard_alone(
    size: tuple[int, int], house: RunningHouse, visitors: Visitors
) -> None:
    page = visitors.enter("teller", size=size)
    asked: list[Request] = []
    page.on("request", lambda r: asked.append(r) if "/find/" in r.url else None)
    page.goto(f"{house.url}/admin/")
    page.keyboard.press("Control+k")
    box(page)
    page.keyboard.type(MISTYPED)
    option = page.get_by_role("option", name=NAME)
    expect(option).to_contain_text("similar name")
    expect(page.get_by_role("status").filter(has_text="customer")).to_have_text(
        "1 customer"
    )
    page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    chosen = option.get_attribute("id")
    field = page.get_by_role("combobox")
    expect(field).to_have_attribute("aria-activedescendant", chosen or "-")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=NAME).first).to_be_visible()
    assert asked
    assert {request.method for request in asked} == {"POST"}
    assert len(asked) < len(MISTYPED), "Every key was a question."
    assert not any("okaf" in request.url.lower() for request in asked)


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_slash_opens_and_escape_gives_the_focus_back(
    size: tuple[int, int], house: RunningHouse, visitors: Visitors
) -> None:
    page = visitors.enter("compliance_officer", size=size)
    page.goto(f"{house.url}/admin/registry/customer/")
    opener = page.get_by_role("button", name="Find a customer")
    opener.focus()
    page.keyboard.press("/")
    box(page)
    page.keyboard.type("a/b")
    expect(page.get_by_role("combobox")).to_have_value("a/b")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.press("Escape")
    shut(page)
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    box(page)
    expect(page.get_by_role("combobox")).to_have_value("")
    page.keyboard.press("Escape")
    page.locator("#searchbar").focus()
    page.keyboard.press("/")
    shut(page)
    expect(page.locator("#searchbar")).to_have_value("/")


def test_enter_without_a_choice_leads_to_the_list(
    house: RunningHouse, visitors: Visitors
) -> None:
    page = visitors.enter("teller")
    page.goto(f"{house.url}/admin/")
    page.keyboard.press("Control+k")
    box(page)
    page.keyboard.type("zzq")
    page.keyboard.press("Enter")  # before the answer is there
    page.wait_for_url("**/admin/registry/customer/?q=zzq")


def test_what_no_address_may_hold_stays_in_the_box(
    house: RunningHouse, visitors: Visitors
) -> None:
    page = visitors.enter("teller")
    page.goto(f"{house.url}/admin/")
    page.keyboard.press("Control+k")
    box(page)
    page.keyboard.type("XX-000-000-9")
    expect(page.get_by_role("status").filter(has_text="customers")).to_have_text(
        "No customers"
    )
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    box(page)
    assert page.url == f"{house.url}/admin/"


def test_pages_are_found_too(house: RunningHouse, visitors: Visitors) -> None:
    page = visitors.enter("compliance_officer")
    page.goto(f"{house.url}/admin/")
    page.keyboard.press("Control+k")
    page.keyboard.type("document rev")
    expect(page.get_by_role("option", name="Document review")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/review/**")
