"""The line of the KYC desk by keyboard: take next, decide, the next one; take over."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.processes import RunningHouse, environment, free_port, manage
from tests.browser.test_keyboard import MOST_TABS, tab_to, wait_for_focus_inside
from tests.browser.test_task_desk import at_thumb
from tests.browser.visitors import PHONE, WIDE, Visitors

pytestmark = pytest.mark.browser

COLLEAGUE = "Efua Second"
# Three who wait the longest of all, registered by the front line; a colleague.
WAITING = """
from datetime import timedelta
from django.utils import timezone
from customers.registry.models import Task, TaskKind
from customers.registry.registration import CURRENT_TERMS, Registration
from customers.registry.services import open_task, register_customer
from tenants.models import User
from tenants.services import get_machine, register_staff

clerk = User.objects.get(email="client_facing@demo.example")
sweep = get_machine("sweep")
if not User.objects.filter(email="second@demo.example").exists():
    register_staff(
        tenant=clerk.tenant, email="second@demo.example", name="Efua Second",
        roles=["compliance_officer"], by=sweep,
    )
# Whom another story left waiting stands last.
Task.objects.filter(kind=TaskKind.KYC_DECISION).update(opened_at=timezone.now())
for number, name in enumerate(("One", "Two", "Three"), start=1):
    customer = register_customer(
        Registration(
            customer_type="INDIVIDUAL", entity_type="individual",
            name=f"%(word)s {name}", email=f"{name}@%(word)s.example".lower(),
            phone=f"+23324{%(digit)s}77{number:04d}",
            terms_version=CURRENT_TERMS,
            details={"id_number": f"GHA-%(digit)s2345678{number}-1"},
        ),
        tenant=clerk.tenant, by=clerk,
    )
    task = open_task(
        customer, TaskKind.KYC_DECISION, reason="undecided verdict", by=sweep
    )
    opened_at = timezone.now() - timedelta(days=%(digit)s * 90 - number)
    Task.objects.filter(pk=task.pk).update(opened_at=opened_at)
"""
CLAIMED = """
from customers.registry.models import ClaimKind, Customer
from customers.registry.services import claim
from tenants.models import User

by = User.objects.get(email="second@demo.example")
customer = Customer.objects.get(name="%(name)s")
claim(ClaimKind.KYC_CASE, customer.pk, by=by)
"""
IS_VERDICT = "() => document.activeElement.name === 'verdict'"
IS_REASON = "() => document.activeElement.value === 'sanctions_concern'"


def run(house: RunningHouse, script: str) -> None:
    env = environment(house.folder, free_port(), SUMSUB_BASE_URL="", PUBLIC_URL="")
    manage(env, "shell", "--verbosity", "0", "-c", script)


def open_line(house: RunningHouse, page: Page, word: str, digit: int) -> None:
    run(house, WAITING % {"word": word, "digit": digit})
    page.goto(f"{house.url}/admin/kyc/callback/desk/?tab=decide")


def tab_until(page: Page, is_there: str) -> None:
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(is_there):
            return
    raise AssertionError("The focus never came there.")


def reject_by_keyboard(page: Page) -> None:
    tab_until(page, IS_VERDICT)
    page.keyboard.press("ArrowDown")
    tab_until(page, IS_REASON)
    page.keyboard.press("Space")
    tab_to(page, "Decide and take next")
    page.keyboard.press("Enter")


def status_of(house: RunningHouse, name: str) -> str:
    ((status,),) = house.rows(
        "SELECT kyc_status FROM registry_customer WHERE name = ?", name
    )
    return str(status)


def holder_of(house: RunningHouse, name: str) -> str:
    ((holder,),) = house.rows(
        "SELECT u.name FROM registry_claim c JOIN tenants_user u ON u.id = c.by_id"
        " JOIN registry_customer k ON k.id = c.subject_id WHERE k.name = ?", name,
    )  # fmt: skip
    return str(holder)


def take_over(page: Page) -> None:
    tab_to(page, "Take over")
    page.keyboard.press("Enter")
    wait_for_focus_inside(page)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(f"{COLLEAGUE} is at it since")).to_be_visible()
    tab_to(page, "Take over")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"You took over from {COLLEAGUE}.")).to_be_visible()


def test_the_line_is_worked_off_by_keyboard(
    house: RunningHouse, visitors: Visitors
) -> None:
    officer = visitors.enter("compliance_officer")
    open_line(house, officer, "Widewait", 1)
    whose = officer.get_by_role("navigation", name="Whose")
    expect(whose.get_by_role("link", name=re.compile("^Waiting"))).to_contain_text(
        "oldest 89 d"
    )
    tab_to(officer, "Take next")
    officer.keyboard.press("Enter")
    heading = officer.get_by_role("heading", level=1)
    expect(heading).to_contain_text("Widewait One")
    expect(officer.get_by_text("You are at it; colleagues see that")).to_be_visible()

    reject_by_keyboard(officer)
    expect(heading).to_contain_text("Widewait Two")
    expect(officer.get_by_text("KYC of Widewait One is rejected.")).to_be_visible()
    assert status_of(house, "Widewait One") == "rejected"

    run(house, CLAIMED % {"name": "Widewait Three"})
    officer.goto(f"{house.url}/admin/kyc/callback/desk/?tab=decide")
    row = officer.get_by_role("row").filter(has_text="Widewait Three")
    expect(row).to_contain_text(COLLEAGUE)
    expect(officer.get_by_role("row").filter(has_text="Widewait Two")).to_contain_text(
        "You, "
    )
    row.get_by_role("button", name="Decide").focus()
    officer.keyboard.press("Enter")
    expect(heading).to_contain_text("Widewait Three")
    take_over(officer)
    assert holder_of(house, "Widewait Three") != COLLEAGUE
    officer.get_by_role("button", name="Release", exact=True).focus()
    officer.keyboard.press("Enter")
    expect(officer.get_by_text("Released: colleagues may take it.")).to_be_visible()


def test_a_phone_takes_and_decides_at_the_thumb(
    house: RunningHouse, visitors: Visitors
) -> None:
    officer = visitors.enter("compliance_officer", size=PHONE)
    open_line(house, officer, "Phonewait", 2)
    at_thumb(officer, "button", "Take next")
    officer.get_by_role("link", name=re.compile("^Mine")).click()
    officer.get_by_role("link", name=re.compile("^Unassigned")).click()
    assert "tab=decide&whose=unassigned" in officer.url
    officer.get_by_role("button", name="Take next").click()
    heading = officer.get_by_role("heading", level=1)
    expect(heading).to_contain_text("Phonewait One")
    officer.get_by_label("Reject", exact=True).check()
    officer.get_by_label("Sanctions concern").check()
    button = officer.get_by_role("button", name="Decide and take next")
    expect(button).to_be_in_viewport()
    box = button.bounding_box()
    assert box
    assert box["height"] >= 44
    steps.stays_within(officer)
    button.click()
    expect(heading).to_contain_text("Phonewait Two")
    assert status_of(house, "Phonewait One") == "rejected"
    assert PHONE[0] < WIDE[0]
