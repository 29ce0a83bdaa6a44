"""The main job in real Chromium: from registration to a customer with an account."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.processes import RunningHouse
from tests.browser.visitors import Visitors

pytestmark = pytest.mark.browser

NAME = "Abena Owusu-Darko"
EMAIL = "abena.owusu-darko@mail.example"
OWN_PASSWORD = "seven green kettles whistle"
PAPERS = {
    "First_name": "Abena",
    "Last_name": "Owusu-Darko",
    "Birth_date": "1990-05-17",
    "Nationality": "GHA",
    "Address": "3 Castle Road, Cape Coast, Ghana",
    "Document_number": "GHA-555019900-1",
}


def register(page: Page, house: RunningHouse) -> None:
    page.goto(f"{house.url}/admin/registry/customer/")
    page.get_by_role("link", name="Register customer").click()
    page.get_by_label("Name", exact=True).fill(NAME)
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Phone").fill("+233 24 555 0199")
    page.get_by_label("The customer accepted the terms").check()
    page.get_by_label("Birth date").fill("1990-05-17")
    page.get_by_label("Nationality").select_option("GHA")
    page.get_by_label("Home address").fill("3 Castle Road, Cape Coast, Ghana")
    page.get_by_label("ID number").fill("GHA-555019900-1")
    page.locator("#own-form").get_by_role("button", name="Register").click()
    expect(page.get_by_text(f"{NAME} is registered.")).to_be_visible()


def one_time_password(page: Page, house: RunningHouse) -> str:
    """Read it in the mail, as the customer would."""
    page.goto(f"{house.url}/portal/mail/")
    mail = page.locator("article", has_text=f"To {EMAIL}")
    expect(mail).to_have_count(1)
    expect(mail.get_by_role("heading")).to_have_text("Welcome to Demo Bank")
    text = mail.inner_text()
    assert f"{house.url}/portal/demo/" in text
    assert re.search(rf"login name:\s+{EMAIL}", text)
    found = re.search(r"One-time password:\s+(\S+)", text)
    assert found
    return found[1]


def sign_in_at_portal(page: Page, house: RunningHouse, password: str) -> None:
    page.goto(f"{house.url}/portal/demo/")
    page.get_by_label("E-mail or phone").fill(EMAIL)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def everything_is_ready(page: Page) -> bool:
    accounts = steps.panel(page, "Accounts")
    provisioning = steps.panel(page, "Provisioning")
    return (
        steps.status(page, "KYC") == "Verified"
        and steps.status(page, "Activity") == "Active"
        and accounts.get_by_text("Active", exact=True).count() == 1
        and provisioning.get_by_text("4 of 4 done").count() == 1
    )


def choose_own_password(page: Page, house: RunningHouse) -> None:
    """The one-time password must go first; there is no way around it."""
    heading = page.get_by_role("heading", name="Choose a password")
    expect(heading).to_be_visible()
    page.goto(f"{house.url}/portal/demo/")
    expect(heading).to_be_visible()
    page.get_by_label("New password", exact=True).fill(OWN_PASSWORD)
    page.get_by_label("New password again").fill(OWN_PASSWORD)
    page.get_by_role("button", name="Save password").click()


def use_the_portal(house: RunningHouse, visitors: Visitors, account: str) -> None:
    """Sign in with the mail's password, choose one, see the own account."""
    customer = visitors.enter()
    password = one_time_password(customer, house)
    sign_in_at_portal(customer, house, password)
    choose_own_password(customer, house)
    expect(customer.get_by_role("heading", name=NAME)).to_be_visible()
    accounts = customer.get_by_role("region", name="Accounts")
    expect(accounts).to_contain_text(account)
    expect(accounts).to_contain_text("Active")

    later = visitors.enter()
    sign_in_at_portal(later, house, password)  # it worked once
    expect(later.get_by_role("alert")).to_be_visible()
    sign_in_at_portal(later, house, OWN_PASSWORD)
    expect(later.get_by_role("heading", name=NAME)).to_be_visible()
    later.goto(f"{house.url}/admin/")  # a customer's login opens no back office
    expect(later.get_by_role("button", name="Log in")).to_be_visible()


def test_a_customer_comes_to_an_account_and_a_login(
    house: RunningHouse, visitors: Visitors
) -> None:
    clerk = visitors.enter()
    house.sign_in(clerk, "client_facing")
    expect(clerk.get_by_role("heading", name="What waits for me")).to_be_visible()
    register(clerk, house)
    assert steps.status(clerk, "KYC") == "Pending"
    assert steps.status(clerk, "Activity") == "Inactive"

    link = steps.make_link(clerk, "Start KYC")
    steps.submit_as_applicant(visitors.enter(), link, **PAPERS)
    steps.reload_until(clerk, lambda: clerk.get_by_text("In review").count() > 0)
    reviewer = visitors.enter()
    steps.open_review(reviewer, house, NAME)
    steps.press(reviewer, "Approve")

    steps.reload_until(clerk, lambda: everything_is_ready(clerk))
    provisioning = steps.panel(clerk, "Provisioning")
    for words in ("Login", "created", "Welcome", "sent", "Deposit account", "opened"):
        expect(provisioning).to_contain_text(words)
    expect(clerk.get_by_text("May operate.")).to_be_visible()
    account = steps.panel(clerk, "Accounts").get_by_role("link").first.inner_text()
    use_the_portal(house, visitors, account)


def test_a_rejected_customer_gets_neither_login_nor_account(
    house: RunningHouse, visitors: Visitors
) -> None:
    clerk, reviewer = visitors.enter("client_facing"), visitors.enter()
    clerk.goto(steps.customer_url(house, "Yusuf Demirci"))
    steps.open_review(reviewer, house, "Yusuf Demirci")
    reviewer.get_by_label("Forgery").check()
    steps.press(reviewer, "Reject finally")

    steps.reload_until(clerk, lambda: steps.status(clerk, "KYC") == "Rejected")
    expect(steps.panel(clerk, "KYC attempts")).to_contain_text("Rejected")
    expect(steps.panel(clerk, "Accounts")).to_contain_text("No account yet.")
    assert steps.panel(clerk, "Provisioning").count() == 0
    expect(clerk.locator("main, #content").first).not_to_contain_text("Forgery")


def test_an_applicant_who_is_asked_again_may_submit_again(
    house: RunningHouse, visitors: Visitors
) -> None:
    clerk, reviewer = visitors.enter("client_facing"), visitors.enter()
    applicant = visitors.enter()
    clerk.goto(steps.customer_url(house, "Ines Carvalho"))
    link = steps.make_link(clerk, "New KYC link")
    papers = {
        "First_name": "Ines", "Last_name": "Carvalho", "Birth_date": "1995-01-30",
        "Nationality": "PRT", "Address": "Rua do Ouro 7, Lisbon",
        "Document_number": "CA445190",
    }  # fmt: skip
    steps.submit_as_applicant(applicant, link, **papers)

    steps.open_review(reviewer, house, "Ines Carvalho")
    reviewer.get_by_label("Photos are not good enough").check()
    comment = "Please photograph the whole page."
    reviewer.get_by_label("Comment for the applicant").fill(comment)
    steps.press(reviewer, "Ask to try again")
    attempts = steps.panel(clerk, "KYC attempts")
    steps.reload_until(clerk, lambda: attempts.get_by_text("Resubmit").count() > 0)
    assert steps.status(clerk, "KYC") == "Pending"
    expect(attempts).to_contain_text(comment)

    applicant.goto(link)
    expect(applicant.get_by_text(comment)).to_be_visible()
    steps.submit_as_applicant(applicant, link)
    steps.reload_until(clerk, lambda: attempts.get_by_text("In review").count() > 0)
