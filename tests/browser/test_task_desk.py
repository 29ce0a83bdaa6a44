"""Tasks worked off by keyboard: take next, close and take next, hand over."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.processes import RunningHouse, environment, free_port, manage
from tests.browser.test_keyboard import tab_to, wait_for_focus_inside
from tests.browser.visitors import PHONE, Visitors

pytestmark = pytest.mark.browser

COLLEAGUE = "Efua Second"
# A line of tasks asked for by a machine, and a colleague to hand over to.
OPEN = """
from datetime import timedelta
from django.utils import timezone
from customers.registry.models import Customer, Task, TaskKind
from customers.registry.services import open_task
from tenants.models import User
from tenants.services import get_machine, register_staff

officer = User.objects.get(email="compliance_officer@demo.example")
sweep = get_machine("sweep")
if not User.objects.filter(email="second@demo.example").exists():
    register_staff(
        tenant=officer.tenant, email="second@demo.example", name="Efua Second",
        roles=["compliance_officer"], by=sweep,
    )
customer = Customer.objects.get(tenant=officer.tenant, name="Nadia Benhaddou")
for days, reason in enumerate(("%(word)s one", "%(word)s two", "%(word)s three")):
    task = open_task(customer, TaskKind.RISK_REVIEW, reason=reason, by=sweep)
    due_at = timezone.now() - timedelta(days=30 - days)
    Task.objects.filter(pk=task.pk).update(due_at=due_at)
"""


def open_line(house: RunningHouse, word: str) -> None:
    env = environment(house.folder, free_port(), SUMSUB_BASE_URL="", PUBLIC_URL="")
    manage(env, "shell", "--verbosity", "0", "-c", OPEN % {"word": word})


def row_of(house: RunningHouse, reason: str) -> tuple[str, str | None]:
    """Status, and who has it, of one task."""
    ((status, name),) = house.rows(
        "SELECT t.status, u.name FROM registry_task t LEFT JOIN tenants_user u"
        " ON u.id = t.assignee_id WHERE t.reason = ?", reason,
    )  # fmt: skip
    return status, name


def close_and_go_on(page: Page) -> None:
    """First without an outcome, which the dialog refuses."""
    tab_to(page, "Close and take next")
    page.keyboard.press("Enter")
    wait_for_focus_inside(page)
    tab_to(page, "Close and take next")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Say what came of it.")).to_be_visible()
    wait_for_focus_inside(page)
    page.keyboard.type("Looked, all well")
    tab_to(page, "Close and take next")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Closed: Assess risk again")).to_be_visible()


def hand_over(page: Page) -> None:
    tab_to(page, "More")
    page.keyboard.press("ArrowDown")
    tab_to(page, "Hand over", "ArrowDown")
    page.keyboard.press("Enter")
    wait_for_focus_inside(page)
    choice = page.get_by_role("dialog").get_by_label("To")
    choice.focus()
    page.keyboard.type(COLLEAGUE)
    expect(choice.locator("option:checked")).to_have_text(COLLEAGUE)
    page.get_by_role("dialog").get_by_label("Why").focus()
    page.keyboard.type("Knows the customer")
    tab_to(page, "Hand over")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Handed over to {COLLEAGUE}")).to_be_visible()


def test_a_line_of_tasks_is_worked_off_by_keyboard(
    house: RunningHouse, visitors: Visitors
) -> None:
    open_line(house, "wide")
    officer = visitors.enter("compliance_officer")
    officer.goto(f"{house.url}/admin/registry/task/?kind__exact=risk_review")
    tabs = officer.get_by_role("navigation", name="Saved views")
    expect(tabs.get_by_role("link", name=re.compile("^Unassigned"))).to_contain_text(
        "oldest"
    )
    tab_to(officer, "Take next")
    officer.keyboard.press("Enter")
    expect(officer.get_by_text("You took: Assess risk again")).to_be_visible()
    expect(officer.get_by_text("wide one")).to_be_visible()
    assert row_of(house, "wide one")[1] is not None

    close_and_go_on(officer)
    expect(officer.get_by_text("wide two")).to_be_visible()
    assert row_of(house, "wide one")[0] == "done"

    hand_over(officer)
    assert row_of(house, "wide two") == ("open", COLLEAGUE)
    expect(officer.get_by_role("link", name="Close and take next")).to_have_count(0)


def test_a_phone_has_the_one_button_at_the_thumb(
    house: RunningHouse, visitors: Visitors
) -> None:
    open_line(house, "phone")
    officer = visitors.enter("compliance_officer", size=PHONE)
    officer.goto(f"{house.url}/admin/registry/task/?kind__exact=risk_review")
    at_thumb(officer, "button", "Take next")
    officer.get_by_role("button", name="Take next").click()
    expect(officer.get_by_text("You took: Assess risk again")).to_be_visible()
    at_thumb(officer, "link", "Close and take next")
    officer.get_by_role("link", name="Close and take next").click()
    officer.get_by_label("What came of it").fill("Looked, all well")
    dialog = officer.get_by_role("dialog")
    dialog.get_by_role("button", name="Close and take next").click()
    expect(officer.get_by_text("Closed: Assess risk again")).to_be_visible()


def at_thumb(page: Page, role: str, name: str) -> None:
    """One button, at the bottom, large enough; and nothing scrolls sideways."""
    button = page.get_by_role(role, name=name)  # type: ignore[arg-type]
    expect(button).to_have_count(1)
    expect(button).to_be_in_viewport()
    box = button.bounding_box()
    assert box
    assert box["height"] >= 44
    assert box["width"] > PHONE[0] / 2
    steps.stays_within(page)
