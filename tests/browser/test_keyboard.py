"""Suspend and reinstate without a mouse: the focus goes into the dialog and back."""

import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.processes import RunningHouse
from tests.browser.visitors import Visitors

pytestmark = pytest.mark.browser

FOCUSED = """() => {
  const here = document.activeElement;
  const said = here.getAttribute("aria-label") || here.innerText || here.tagName;
  return said.trim().split("\\n")[0];
}"""
IS_INSIDE = "() => Boolean(document.activeElement.closest('[role=\"dialog\"]'))"
RING = """() => {
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
}"""
MOST_TABS = 60
COMES_BACK_SECONDS = 5.0


def focused(page: Page) -> str:
    found: str = page.evaluate(FOCUSED)
    return found


def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Press the key until the focus is there, and see that it can be seen."""
    for _ in range(MOST_TABS):
        page.keyboard.press(key)
        if focused(page) == name:
            assert page.evaluate(RING), f"Nobody sees that “{name}” has the focus."
            return
    raise AssertionError(f"No way to “{name}”; the last was “{focused(page)}”.")


def wait_for_focus_inside(page: Page) -> None:
    page.wait_for_function(IS_INSIDE)


def wait_for_focus_on(page: Page, name: str) -> None:
    """The focus comes back a moment after the dialog has gone."""
    end = time.monotonic() + COMES_BACK_SECONDS
    while focused(page) != name and time.monotonic() < end:
        page.wait_for_timeout(50)
    assert focused(page) == name


def open_suspend(page: Page) -> None:
    tab_to(page, "More")
    page.keyboard.press("ArrowDown")
    if focused(page) != "Suspend":
        tab_to(page, "Suspend", "ArrowDown")
    page.keyboard.press("Enter")
    wait_for_focus_inside(page)


def suspend(page: Page) -> None:
    open_suspend(page)
    page.keyboard.press("ArrowDown")  # the first reason
    tab_to(page, "Suspend")
    page.keyboard.press("Enter")
    expect(page.get_by_text("is suspended.")).to_be_visible()


def reinstate(page: Page) -> None:
    """First without a reason, which the dialog refuses and puts the focus there."""
    page.keyboard.press("Enter")
    wait_for_focus_inside(page)
    tab_to(page, "Reinstate")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Say why in a few words.")).to_be_visible()
    wait_for_focus_inside(page)
    page.keyboard.type("Papers seen again")
    tab_to(page, "Reinstate")
    page.keyboard.press("Enter")
    expect(page.get_by_text("is reinstated.")).to_be_visible()


def test_suspend_and_reinstate_by_keyboard(
    house: RunningHouse, visitors: Visitors
) -> None:
    officer = visitors.enter("compliance_officer")
    officer.goto(steps.customer_url(house, "Okafor & Lindqvist Shipping Agency Ltd"))
    accounts = steps.panel(officer, "Accounts")
    suspend(officer)
    assert steps.status(officer, "Relationship") == "Suspended"
    steps.reload_until(officer, lambda: accounts.get_by_text("Suspended").count() > 0)

    tab_to(officer, "Reinstate")
    reinstate(officer)
    assert steps.status(officer, "Relationship") == "Active"
    steps.reload_until(
        officer, lambda: accounts.get_by_text("Active", exact=True).count() > 0
    )


def test_a_dialog_keeps_the_focus_and_gives_it_back(
    house: RunningHouse, visitors: Visitors
) -> None:
    officer = visitors.enter("compliance_officer")
    officer.goto(steps.customer_url(house, "Halcyon Grain Trading Ltd"))
    tab_to(officer, "Answer escalation")
    officer.keyboard.press("Enter")
    wait_for_focus_inside(officer)
    for _ in range(6):  # all the way round
        officer.keyboard.press("Tab")
        assert officer.evaluate(IS_INSIDE)
    officer.keyboard.press("Escape")
    expect(officer.get_by_role("dialog")).to_be_hidden()
    wait_for_focus_on(officer, "Answer escalation")
    assert steps.status(officer, "Relationship") == "Suspended"


def test_a_dialog_opened_from_the_menu_gives_the_focus_back(
    house: RunningHouse, visitors: Visitors
) -> None:
    officer = visitors.enter("compliance_officer")
    officer.goto(steps.customer_url(house, "Tomasz Wieczorek"))
    open_suspend(officer)
    assert focused(officer) == "Choose a reason"  # the first thing that is asked
    officer.keyboard.press("Escape")
    expect(officer.get_by_role("dialog")).to_be_hidden()
    wait_for_focus_on(officer, "More")


def test_the_first_tab_skips_to_the_page(
    house: RunningHouse, visitors: Visitors
) -> None:
    officer = visitors.enter("compliance_officer")
    officer.goto(f"{house.url}/admin/")
    tab_to(officer, "Skip to the page")
    officer.keyboard.press("Enter")
    officer.keyboard.press("Tab")
    assert officer.evaluate(
        "() => Boolean(document.activeElement.closest('#content, main'))"
    )
