"""A list in a real browser: filtered, its columns chosen, exported, downloaded."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.processes import RunningHouse
from tests.browser.visitors import PHONE, WIDE, Visitors

pytestmark = pytest.mark.browser


def choose_columns(page: Page, *captions: str) -> None:
    button = page.locator(".v-columns > summary")
    button.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Show these columns")).to_be_hidden()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    for box in page.locator(".v-columns input[name=columns][type=checkbox]").all():
        box.uncheck()
    for caption in captions:
        page.get_by_role("checkbox", name=caption, exact=True).check()
    page.get_by_role("button", name="Show these columns").click()


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_from_the_filter_to_the_file(
    house: RunningHouse, visitors: Visitors, size: tuple[int, int], tmp_path: Path
) -> None:
    officer = visitors.enter("compliance_officer", size=size)
    officer.goto(f"{house.url}/admin/registry/customer/?kyc_status__exact=verified")
    choose_columns(officer, "E-mail", "Phone")
    officer.wait_for_url(re.compile("columns=customer,email_said,phone_said"))
    assert "kyc_status__exact=verified" in officer.url
    steps.stays_within(officer)
    officer.locator(".v-columns > summary").click()
    steps.stays_within(officer)
    officer.screenshot(path=f"{tmp_path}/columns-{size[0]}.png")
    officer.keyboard.press("Escape")

    officer.get_by_role("link", name="Export list").click()
    dialog = officer.get_by_role("dialog")
    expect(dialog.get_by_text("Shown: Customer, E-mail, Phone.")).to_be_visible()
    officer.screenshot(path=f"{tmp_path}/ask-{size[0]}.png")
    dialog.get_by_role("button", name="Make the file").click()
    expect(dialog.get_by_text("Say why in a few words.")).to_be_visible()
    dialog.get_by_label("Why").fill(f"Report at {size[0]}")
    dialog.get_by_role("button", name="Make the file").click()

    heading = officer.get_by_role("heading", name="Export of customers", level=2)
    expect(heading).to_be_visible()
    download = officer.get_by_role("link", name="Download", exact=True)
    # The page refreshes itself when the file is made.
    expect(download).to_be_visible(timeout=steps.WORKER_SECONDS * 1000)
    steps.stays_within(officer)
    officer.screenshot(path=f"{tmp_path}/ready-{size[0]}.png")
    with officer.expect_download() as coming:
        download.click()
    file = Path(coming.value.path())
    assert re.fullmatch(r"customers-[\d-]+-\w{6}\.csv", coming.value.suggested_filename)
    text = file.read_bytes().decode("utf-8-sig")
    heading_line, *lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert heading_line == ["Name", "Number", "Legal form", "E-mail", "Phone"]
    wanted = house.rows(
        "SELECT c.name, c.email FROM registry_customer c JOIN tenants_tenant t"
        " ON t.id = c.tenant_id WHERE t.slug = 'demo' AND c.kyc_status = 'verified'"
    )
    assert sorted((line[0], line[3]) for line in lines) == sorted(wanted)
    officer.reload()
    expect(steps.panel(officer, "Downloads").get_by_text("rows")).to_be_visible()

    # What was chosen is remembered, until the usual columns are asked for.
    officer.goto(f"{house.url}/admin/registry/customer/")
    officer.wait_for_url(re.compile("columns=customer,email_said,phone_said"))
    officer.locator(".v-columns > summary").click()
    officer.get_by_role("link", name="Usual columns").click()
    officer.wait_for_url(re.compile(r"/customer/\?$"))
    officer.goto(f"{house.url}/admin/exports/export/")
    expect(officer.get_by_text(f"Report at {size[0]}")).to_be_visible()
    steps.stays_within(officer)
    officer.screenshot(path=f"{tmp_path}/list-{size[0]}.png")
