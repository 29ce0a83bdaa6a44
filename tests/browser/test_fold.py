"""The customer page answers above the fold: who, may they act, what lacks, what was."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import steps
from tests.browser.processes import RunningHouse, environment, free_port, manage
from tests.browser.visitors import PHONE, WIDE, Visitors

pytestmark = pytest.mark.browser

HEALTHY = "Tomasz Wieczorek"
TROUBLED = "Halcyon Grain Trading Ltd"
LAST_DEEDS = 3  # of the timeline, at least
# Everything that can lack does: documents, answers of the file, tasks of every kind.
MAKE_TROUBLE = """
from customers.registry.models import Customer, SuspensionReason, TaskKind
from customers.registry.services import open_task, suspend_customer
from tenants.models import User

officer = User.objects.get(email="compliance_officer@demo.example")
customer = Customer.objects.get(tenant=officer.tenant, name="Halcyon Grain Trading Ltd")
for kind in TaskKind:
    for reason in ("adverse_verdict", "name, registration_number, address"):
        open_task(customer, kind, reason=reason, by=officer)
suspend_customer(customer.pk, reason=SuspensionReason.DUE_DILIGENCE, by=officer)
"""


@pytest.fixture(scope="module")
def trouble(house: RunningHouse) -> str:
    env = environment(house.folder, free_port(), SUMSUB_BASE_URL="", PUBLIC_URL="")
    manage(env, "shell", "--verbosity", "0", "-c", MAKE_TROUBLE)
    return TROUBLED


def bottom(part: Locator) -> float:
    expect(part).to_be_visible()
    box = part.bounding_box()
    assert box
    return box["y"] + box["height"]


def answers(page: Page) -> dict[str, Locator]:
    """The four answers, each by what must be seen of it."""
    return {
        "who": page.locator(".v-identity"),
        "may they act": page.locator(".v-verdict"),
        "what lacks": page.locator(".v-missing"),
        "what was": page.locator(".v-timeline li").nth(LAST_DEEDS - 1),
    }


@pytest.mark.parametrize("is_troubled", [False, True], ids=["healthy", "troubled"])
def test_the_answers_stand_above_the_fold(
    house: RunningHouse, visitors: Visitors, trouble: str, *, is_troubled: bool
) -> None:
    officer = visitors.enter("compliance_officer")
    name = trouble if is_troubled else HEALTHY
    officer.goto(steps.customer_url(house, name))
    below = {
        answer: bottom(part)
        for answer, part in answers(officer).items()
        if bottom(part) > WIDE[1]
    }
    assert not below, f"Below {WIDE[1]} px at {name}."


def test_what_does_not_fit_opens_without_scripts(
    house: RunningHouse, visitors: Visitors, trouble: str
) -> None:
    officer = visitors.enter("compliance_officer")
    officer.goto(steps.customer_url(house, trouble))
    missing = steps.panel(officer, "Missing")
    rows, more = missing.locator(".v-row"), missing.locator("summary")
    total = int(missing.locator(".v-count").inner_text())
    assert rows.count() == total
    assert rows.filter(visible=True).count() == 4
    expect(more).to_have_text(f"{total - 4} more")
    more.focus()
    officer.keyboard.press("Enter")
    expect(rows.last).to_be_visible()
    assert rows.filter(visible=True).count() == total


@pytest.mark.parametrize("is_troubled", [False, True], ids=["healthy", "troubled"])
def test_a_phone_scrolls_down_and_never_sideways(
    house: RunningHouse, visitors: Visitors, trouble: str, *, is_troubled: bool
) -> None:
    officer = visitors.enter("compliance_officer", size=PHONE)
    officer.goto(steps.customer_url(house, trouble if is_troubled else HEALTHY))
    if is_troubled:
        officer.locator(".v-missing summary").click()
    steps.stays_within(officer)
    assert bottom(officer.locator(".v-verdict")) <= PHONE[1]
