"""What people do again and again: wait for a page, start KYC, stand in for Sumsub."""

import re
import time
from collections.abc import Callable
from uuid import UUID

from playwright.sync_api import Locator, Page, expect

from tests.browser.processes import RunningHouse

# The worker is nudged at once; a lost nudge is found by the sweep, five seconds later.
WORKER_SECONDS = 45.0


def reload_until(
    page: Page, is_so: Callable[[], bool], *, seconds: float = WORKER_SECONDS
) -> None:
    """Reload until it is so; in the end say what the page showed instead."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            shown = page.locator("main, body").first.inner_text()
            raise AssertionError(f"Not within {seconds} s. The page shows:\n{shown}")
        page.wait_for_timeout(250)
        page.reload()


def customer_id(house: RunningHouse, name: str) -> str:
    ((found,),) = house.rows(
        "SELECT c.id FROM registry_customer c JOIN tenants_tenant t ON t.id = "
        "c.tenant_id WHERE t.slug = 'demo' AND c.name = ?", name,
    )  # fmt: skip
    return str(UUID(found))


def customer_url(house: RunningHouse, name: str) -> str:
    found = customer_id(house, name)
    return f"{house.url}/admin/registry/customer/{found}/change/"


def status(page: Page, caption: str) -> str:
    """Read one of the captioned statuses of the customer page."""
    shown = page.locator(".v-statuses div").filter(
        has=page.locator("dt", has_text=re.compile(f"^{caption}$"))
    )
    return shown.locator("dd").inner_text().strip()


def panel(page: Page, title: str) -> Locator:
    heading = page.get_by_role("heading", name=title, exact=True, level=2)
    return page.locator("section.v-panel").filter(has=heading)


def stays_within(page: Page) -> None:
    """Nothing makes the page wider than the window."""
    wide = "() => document.documentElement.scrollWidth - window.innerWidth"
    assert page.evaluate(wide) <= 0


def in_dialog(page: Page, verb: str, **told: str) -> None:
    """Fill in what is told and press the button of that name."""
    dialog = page.get_by_role("dialog")
    for label, text in told.items():
        dialog.get_by_label(label).first.fill(text)
    dialog.get_by_role("button", name=verb).click()


def make_link(page: Page, verb: str) -> str:
    """Press the button of the page's head, confirm in the dialog, take the link."""
    page.locator(".v-actions").get_by_role("link", name=verb).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=re.compile("Start KYC|New link")).click()
    link = dialog.get_by_label(re.compile("^Link for "))
    expect(link).to_be_visible()
    expect(dialog.get_by_role("img", name="QR code")).to_be_visible()
    address = link.input_value()
    dialog.get_by_role("link", name="Done").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    return address


def submit_as_applicant(page: Page, link: str, **told: str) -> None:
    """Open the link like the applicant does, fill in what is told, submit."""
    page.goto(link)
    for label, text in told.items():
        page.get_by_label(label.replace("_", " "), exact=False).first.fill(text)
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Your details are being checked")).to_be_visible()


def open_review(page: Page, house: RunningHouse, name: str) -> None:
    """Go to the page on which the reviewer at the stand-in decides."""
    page.goto(f"{house.url}/sandbox/sumsub/review")
    page.get_by_role("link", name=name, exact=True).first.click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def press(page: Page, verb: str) -> None:
    page.get_by_role("button", name=verb).click()
    expect(page.get_by_text("The webhook is on its way.")).to_be_visible()
