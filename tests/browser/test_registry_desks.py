"""Risk, accounts elsewhere, *what if* and the sweep's report, as staff use them."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.processes import RunningHouse, environment, free_port, manage
from tests.browser.steps import (
    customer_id,
    customer_url,
    in_dialog,
    panel,
    stays_within,
)
from tests.browser.visitors import PHONE, WIDE, Visitors

pytestmark = pytest.mark.browser

SIZES = {"wide": WIDE, "phone": PHONE}
# At each width a customer and an account of their own.
PEOPLE = {
    "wide": ("Marguerite Okonkwo-Lindqvist", "GB82WEST12345698765432"),
    "phone": ("Tomasz Wieczorek", "DE89370400440532013000"),
}


@pytest.mark.parametrize("width", SIZES)
def test_an_account_elsewhere_is_linked_verified_and_primary(
    house: RunningHouse, visitors: Visitors, width: str
) -> None:
    (name, number), size = PEOPLE[width], SIZES[width]
    clerk = visitors.enter("client_facing", size=size)
    clerk.goto(customer_url(house, name))
    linked = panel(clerk, "Linked accounts")
    linked.get_by_role("link", name=re.compile("^Link an account")).click()
    in_dialog(clerk, "Link", Institution="Far Bank", Number=f"{number[:-1]}1",
              Holder=name)  # fmt: skip
    expect(clerk.get_by_role("dialog").get_by_role("list").first).to_be_visible()
    in_dialog(clerk, "Link", Number=number)
    expect(clerk.get_by_text("The account is linked; it waits")).to_be_visible()
    row = linked.locator(".v-row", has_text=number[-4:])
    expect(row).to_contain_text("Not verified")

    officer = visitors.enter("compliance_officer", size=size)
    officer.goto(customer_url(house, name))
    theirs = panel(officer, "Linked accounts").locator(".v-row", has_text=number[-4:])
    theirs.get_by_role("link", name=re.compile("^Verify")).click()
    dialog = officer.get_by_role("dialog")
    dialog.get_by_label("Proof").select_option(index=1)
    in_dialog(officer, "Verify")
    expect(dialog.get_by_text("Look at the paper and say so.")).to_be_visible()
    dialog.get_by_label("Number and holder stand on the paper").check()
    in_dialog(officer, "Verify")
    expect(officer.get_by_text(re.compile("is verified"))).to_be_visible()

    clerk.reload()
    row.get_by_role("link", name=re.compile("^Make primary")).click()
    in_dialog(clerk, "Make primary")
    expect(clerk.get_by_text("is the primary account for payouts")).to_be_visible()
    expect(row).to_contain_text("primary for payouts")
    stays_within(clerk)


@pytest.mark.parametrize("width", SIZES)
def test_a_risk_is_worked_out_overridden_and_compared(
    house: RunningHouse, visitors: Visitors, width: str
) -> None:
    name, _ = PEOPLE[width]
    officer = visitors.enter("compliance_officer", size=SIZES[width])
    of_customer = f"{house.url}/admin/risk/assessment/of/{customer_id(house, name)}"
    officer.goto(f"{of_customer}/assess/")
    for factor in officer.locator("#own-form fieldset").all():
        factor.get_by_label("Low", exact=True).or_(
            factor.get_by_label("N/A", exact=True)
        ).first.check()
    why = officer.get_by_label("Why the country may be low")
    if why.count():
        why.fill("Known to the branch since it opened")
    officer.get_by_role("button", name="Work out first").click()
    expect(officer.get_by_role("heading", name="What it gives")).to_be_visible()
    officer.get_by_label("Override the rating").select_option(label="High")
    officer.get_by_role("button", name="Record assessment").click()
    expect(officer.get_by_text("Say why the rating is not what")).to_be_visible()
    officer.get_by_label("Justification").fill("Adverse talk in the market")
    officer.get_by_role("button", name="Record assessment").click()
    expect(officer.get_by_text(f"The risk of {name} is high")).to_be_visible()
    officer.goto(f"{of_customer}/compare/")
    expect(officer.get_by_text("Adverse talk in the market").first).to_be_visible()
    stays_within(officer)


@pytest.mark.parametrize("width", SIZES)
def test_other_limits_are_tried_and_nothing_is_saved(
    house: RunningHouse, visitors: Visitors, width: str
) -> None:
    admin = visitors.enter("administrator", size=SIZES[width])
    admin.goto(f"{house.url}/admin/tiers/tier/what-if/")
    admin.get_by_label("1 Basic").fill("-5")
    admin.get_by_role("button", name="Show who is over").click()
    expect(admin.locator(".v-field-errors, .v-error").first).to_be_visible()
    admin.get_by_label("1 Basic").fill("900")
    admin.get_by_role("button", name="Show who is over").click()
    expect(admin.get_by_text("customers would be over")).to_be_visible()
    stays_within(admin)
    admin.get_by_role("link", name="Back to what holds").click()
    expect(admin.get_by_label("1 Basic")).not_to_have_value("900")


@pytest.mark.parametrize("width", SIZES)
def test_the_report_of_the_sweep_is_read(
    house: RunningHouse, visitors: Visitors, width: str
) -> None:
    env = environment(house.folder, free_port())
    said = manage(env, "sweep_activity", "--tenant", "demo")
    assert "accounts that follow" in said
    officer = visitors.enter("compliance_officer", size=SIZES[width])
    officer.goto(f"{house.url}/admin/deposits/sweeprun/")
    officer.locator("#result_list th a").first.click()
    for title in ("Changes", "Examples", "Errors"):
        expect(panel(officer, title)).to_be_visible()
    expect(panel(officer, "Errors")).to_contain_text("Everybody could be dealt with.")
    stays_within(officer)
