"""Compliance at the KYC desk: what is quarantined, and what Sumsub says otherwise."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import steps
from tests.browser.processes import RunningHouse
from tests.browser.visitors import Visitors

pytestmark = pytest.mark.browser

ASKED = "Marguerite Okonkwo-Lindqvist"
STRAY = "We know no applicant with this id."


def open_desk(page: Page, house: RunningHouse) -> None:
    page.goto(f"{house.url}/admin/")
    page.get_by_role("link", name="KYC desk").click()
    expect(page.get_by_role("heading", name="KYC desk", level=1)).to_be_visible()


def ask_about_the_stray(page: Page, verb: str) -> Locator:
    row = page.get_by_role("row").filter(has_text=STRAY)
    row.get_by_role("link", name=verb).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=verb).click()
    return dialog


def test_a_stray_callback_waits_until_it_fits(
    house: RunningHouse, visitors: Visitors
) -> None:
    officer = visitors.enter("compliance_officer")
    open_desk(officer, house)
    dialog = ask_about_the_stray(officer, "Re-fetch")
    expect(dialog.get_by_text("Sumsub shows no such applicant.")).to_be_visible()
    officer.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    ask_about_the_stray(officer, "Replay")
    expect(officer.get_by_role("status").first).to_contain_text("is being applied")
    stray = officer.get_by_role("row").filter(has_text=STRAY)
    steps.reload_until(officer, lambda: stray.count() == 1)
    ((status,),) = house.rows(
        "SELECT status FROM kyc_callback WHERE applicant_id LIKE '6921f0aa%'"
    )
    assert status == "quarantined"


def test_a_difference_is_decided_field_by_field(
    house: RunningHouse, visitors: Visitors
) -> None:
    officer = visitors.enter("compliance_officer")
    open_desk(officer, house)
    difference = officer.locator("#difference")
    expect(difference).to_contain_text(ASKED)
    accept = difference.locator("[data-v-accept]")
    expect(accept).to_have_text("Accept 0 fields")
    difference.get_by_label("Marguerite Adaeze").check()
    difference.get_by_label("3 Apr 1991").check()
    expect(accept).to_have_text("Accept 2 fields")
    accept.click()
    said = officer.get_by_role("status").first
    expect(said).to_contain_text("Sumsub’s values were taken for")
    expect(officer.locator("#difference")).to_have_count(0)

    officer.goto(steps.customer_url(house, "Marguerite Adaeze Okonkwo-Lindqvist"))
    expect(officer.get_by_text("Differences decided")).to_be_visible()
    deeds = officer.get_by_role("region", name="What happened")
    expect(deeds).to_contain_text("review after a change")  # a trigger event
    officer.locator(".v-actions").get_by_role("link", name="Edit").click()
    expect(officer.get_by_label("Birth date")).to_have_value("1991-04-03")
    # Not chosen, so ours stays.
    expect(officer.get_by_label("Home address")).to_have_value(re.compile("Flat 4"))


def test_the_front_line_has_no_desk(house: RunningHouse, visitors: Visitors) -> None:
    clerk = visitors.enter("client_facing")
    clerk.goto(f"{house.url}/admin/")
    expect(clerk.get_by_role("link", name="KYC desk")).to_have_count(0)
    answer = clerk.request.get(f"{house.url}/admin/kyc/callback/desk/")
    assert answer.status == 403
