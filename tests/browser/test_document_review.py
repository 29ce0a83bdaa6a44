"""Documents reviewed without a mouse: leaf, zoom, rotate, reject, accept, the next."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import steps
from tests.browser.processes import RunningHouse, environment, free_port, manage
from tests.browser.test_keyboard import focused, tab_to
from tests.browser.visitors import PHONE, Visitors

pytestmark = pytest.mark.browser

# For as long a page that has just opened takes no decision.
SETTLES_MS = 700
CLICK_AT_ONCE = """
addEventListener("load", () => document.querySelector("button[value=accept]").click());
"""
# Sent by the front line, one after the other, so they stand in the line like this.
SEND = """
from customers.registry.models import Customer
from django.core.files.uploadedfile import SimpleUploadedFile
from documents.services import Paper
from documents.uploads import upload_document
from tenants.models import User
from tests.documents import papers

clerk = User.objects.get(email="client_facing@demo.example")
customer = Customer.objects.get(tenant=clerk.tenant, name="Tomasz Wieczorek")
for number, kind in enumerate(("other", "trust_deed", "income_proof"), start=1):
    content = papers.pdf(pages=number + 1, box="0 0 300 400")
    file = SimpleUploadedFile(f"paper-{number}.pdf", content)
    print(upload_document(customer.pk, Paper(kind=kind), file, by=clerk).pk)
"""


@pytest.fixture(scope="module")
def papers(house: RunningHouse) -> list[str]:
    """Return the ids of three documents that wait, in their order."""
    env = environment(house.folder, free_port(), SUMSUB_BASE_URL="", PUBLIC_URL="")
    return manage(env, "shell", "--verbosity", "0", "-c", SEND).split()


def open_case(page: Page, house: RunningHouse, document: str) -> None:
    page.goto(f"{house.url}/admin/documents/document/review/{document}/")
    expect(page.get_by_role("img", name=re.compile("page 1 of"))).to_be_visible()


def width_of(picture: Locator) -> float:
    box = picture.bounding_box()
    assert box
    return box["width"]


def review_of(house: RunningHouse, document: str) -> tuple[str, str]:
    ((review, reason),) = house.rows(
        "SELECT review, review_reason FROM documents_document WHERE id = ?",
        document.replace("-", ""),
    )
    return review, reason


def leaf(page: Page) -> None:
    tab_to(page, "Next page")
    page.keyboard.press("Enter")
    expect(page.get_by_role("img", name="page 2 of 2")).to_be_visible()
    expect(page.get_by_text("paper-1.pdf, page 2 of 2")).to_be_visible()
    page.keyboard.press("Enter")  # the last page has no next
    expect(page.get_by_role("button", name="Next page")).to_be_disabled()
    tab_to(page, "Previous page", "Shift+Tab")
    page.keyboard.press("Space")
    expect(page.get_by_role("img", name="page 1 of 2")).to_be_visible()


def zoom_and_turn(page: Page) -> None:
    picture = page.get_by_role("img", name="page 1 of 2")
    whole = width_of(picture)
    tab_to(page, "Zoom in")
    page.keyboard.press("Enter")
    assert width_of(picture) == pytest.approx(whole * 1.5, rel=0.02)
    tab_to(page, "Zoom out", "Shift+Tab")
    page.keyboard.press("Enter")
    assert width_of(picture) == pytest.approx(whole, rel=0.02)
    upright = picture.bounding_box()
    tab_to(page, "Rotate")
    page.keyboard.press("Enter")
    lying = picture.bounding_box()
    assert upright and lying
    assert upright["height"] > upright["width"]
    assert lying["width"] > lying["height"]


def reject(page: Page) -> None:
    """First without a reason: the greyed button does nothing."""
    button = page.get_by_role("button", name="Reject")
    expect(button).to_be_disabled()
    tab_to(page, "Reject")
    page.keyboard.press("Enter")
    expect(button).to_be_focused()
    tab_to(page, "INPUT", "Shift+Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")  # on a radio that is no decision
    expect(button).to_be_enabled()
    tab_to(page, "Reject")
    page.keyboard.press("Enter")


def test_a_line_is_worked_off_by_keyboard(
    house: RunningHouse, visitors: Visitors, papers: list[str]
) -> None:
    officer = visitors.enter("compliance_officer")
    open_case(officer, house, papers[0])
    # Who works on begins at the document, not at the sidebar.
    assert focused(officer) == "Other document"
    leaf(officer)
    zoom_and_turn(officer)
    reject(officer)

    expect(officer.get_by_role("heading", name="Trust deed", level=2)).to_be_visible()
    said = officer.get_by_role("status").first
    expect(said).to_contain_text("Rejected: Other document")
    assert review_of(house, papers[0])[0] == "rejected"
    expect(officer.get_by_role("img", name="Trust deed, page 1 of 3")).to_be_visible()
    officer.wait_for_timeout(SETTLES_MS)
    tab_to(officer, "Accept")
    officer.keyboard.press("Enter")
    officer.keyboard.press("Enter")  # a nervous finger
    expect(officer.get_by_role("heading", name="Proof of income")).to_be_visible()
    assert review_of(house, papers[1]) == ("accepted", "")
    assert review_of(house, papers[2]) == ("pending", "")


def test_a_double_click_decides_one_document(
    house: RunningHouse, visitors: Visitors, papers: list[str]
) -> None:
    """The next page has its button at the same place, and opens at once."""
    officer = visitors.enter("compliance_officer")
    officer.add_init_script(CLICK_AT_ONCE)
    officer.goto(f"{house.url}/admin/documents/document/review/{papers[2]}/")
    expect(officer.get_by_role("img", name="Proof of income")).to_be_visible()
    expect(officer.get_by_role("heading", name="Proof of income")).to_be_visible()
    assert review_of(house, papers[2]) == ("pending", "")


def test_a_phone_shows_the_list_or_the_case(
    house: RunningHouse, visitors: Visitors, papers: list[str]
) -> None:
    officer = visitors.enter("compliance_officer", size=PHONE)
    officer.goto(f"{house.url}/admin/documents/document/review/")
    waiting = officer.get_by_role("region", name="Documents to review")
    expect(waiting).to_be_visible()
    expect(officer.get_by_role("button", name="Accept")).to_be_hidden()
    ours = waiting.get_by_role("link", name="Proof of income")
    ours.filter(has_text="Tomasz Wieczorek").click()
    accept = officer.get_by_role("button", name="Accept")
    expect(accept).to_be_in_viewport()
    box = accept.bounding_box()
    assert box
    assert box["height"] >= 44
    steps.stays_within(officer)
    officer.get_by_role("link", name="All documents to review").click()
    expect(waiting).to_be_visible()
    assert review_of(house, papers[2]) == ("pending", "")


def test_an_auditor_looks_and_does_not_decide(
    house: RunningHouse, visitors: Visitors, papers: list[str]
) -> None:
    auditor = visitors.enter("auditor")
    open_case(auditor, house, papers[2])
    expect(auditor.get_by_text("This document waits for a reviewer")).to_be_visible()
    expect(auditor.get_by_role("button", name="Accept")).to_have_count(0)
