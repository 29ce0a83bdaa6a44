"""Every main page, wide and on a phone, light and dark: nothing broken to be seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import environ
import pytest
from playwright.sync_api import Browser, Page

from tests.browser import steps
from tests.browser.processes import ROOT, RunningHouse, running_house
from tests.browser.visitors import NARROW, PHONE, WIDE, Visitors

pytestmark = pytest.mark.browser

PICTURES = ROOT / "var" / "pictures"
IN_DOCS = ROOT / "docs" / "pictures"
FAULTS = (Path(__file__).parent / "faults.js").read_text()
FRONT = "client_facing"
SHOWN = "Halcyon Grain Trading Ltd"
PERSON = "Marguerite Okonkwo-Lindqvist"
ID = "{customer}"
CUSTOMER = f"/admin/registry/customer/{ID}/"
MOST_BYTES = 250_000  # of a picture that every clone of the repository carries
# Alpine takes the cloak off when it has drawn; without it none was on.
SETTLED = "() => !document.documentElement.hasAttribute('x-cloak')"


@dataclass(frozen=True)
class Look:
    """A page as somebody sees it; `in_docs` names its picture in the README.

    `{customer}` in the path is the id of `whose`, a customer of the demo bank.
    """

    path: str
    role: str = "compliance_officer"
    in_docs: str = ""
    whose: str = SHOWN


LOOKS = {
    "home": Look("/admin/", in_docs="home.png"),
    "customers": Look("/admin/registry/customer/", in_docs="customers.png"),
    "customer-page": Look(f"{CUSTOMER}change/", in_docs="customer-page.png"),
    "individual-page": Look(f"{CUSTOMER}change/", whose=PERSON),
    "front-line-page": Look(f"{CUSTOMER}change/", FRONT, whose=PERSON),
    "edit": Look(f"{CUSTOMER}edit/", FRONT, whose=PERSON),
    "months": Look(f"/admin/deposits/sweeprun/of/{ID}/", whose=PERSON),
    "profile": Look(f"{CUSTOMER}profile/", FRONT, whose=PERSON),
    "timeline": Look(f"{CUSTOMER}timeline/"),
    "suspend": Look(f"{CUSTOMER}suspend/", whose=PERSON),
    "add-phone": Look(f"/admin/contacts/phone/of/{ID}/", FRONT),
    "add-address": Look(f"/admin/contacts/address/of/{ID}/", FRONT),
    "preference": Look(f"/admin/contacts/phone/preference/{ID}/", FRONT),
    "assess": Look(f"/admin/risk/assessment/of/{ID}/assess/", whose=PERSON),
    "compare": Look(f"/admin/risk/assessment/of/{ID}/compare/", whose=PERSON),
    "link-account": Look(f"/admin/deposits/linkedaccount/of/{ID}/", FRONT),
    "outside-checks": Look("/admin/checks/outsidecheck/"),
    "check-address": Look(f"/admin/checks/outsidecheck/of/{ID}/address/", FRONT),
    "upload": Look(f"/admin/documents/document/upload/{ID}/", FRONT),
    "ask-for-pack": Look(f"/admin/evidence/evidencepack/ask/{ID}/"),
    "decide-kyc": Look(f"/admin/kyc/applicant/decide/{ID}/"),
    "kyc-desk": Look("/admin/kyc/callback/desk/", in_docs="kyc-desk.png"),
    "kyc-desk-mine": Look("/admin/kyc/callback/desk/?whose=mine"),
    "document-review": Look(
        "/admin/documents/document/review/", in_docs="document-review.png"
    ),
    "documents": Look("/admin/documents/document/"),
    "evidence-packs": Look("/admin/evidence/evidencepack/"),
    "provisioning": Look("/admin/onboarding/provisioning/"),
    "deliveries": Look("/admin/events/delivery/"),
    "register": Look("/admin/registry/customer/add/", FRONT),
    "risk-assessments": Look("/admin/risk/assessment/"),
    "activity-sweep": Look("/admin/deposits/sweeprun/"),
    "tiers": Look("/admin/tiers/tier/", "administrator"),
    "channels": Look("/admin/tiers/channelrule/", "administrator"),
    "dictionaries": Look("/admin/registry/dictionaryentry/", "administrator"),
    "rated-countries": Look("/admin/risk/countryrisk/", "administrator"),
    "tasks": Look("/admin/registry/task/?tab=unassigned"),
    "accounts": Look("/admin/deposits/account/", "teller"),
    "linked-accounts": Look("/admin/deposits/linkedaccount/"),
    "products": Look("/admin/risk/holding/"),
    "engagement": Look("/admin/risk/engagement/"),
    "segments": Look("/admin/risk/segmentrule/", "administrator"),
    "data-quality": Look("/admin/quality/finding/rules/"),
    "findings": Look("/admin/quality/finding/"),
    "nightly-runs": Look("/admin/events/nightlyrun/"),
    "what-if": Look("/admin/tiers/tier/what-if/?max_balance_1=900", "administrator"),
    "messages": Look("/admin/contacts/message/", FRONT),
    "exports": Look("/admin/exports/export/"),
    "subscribers": Look("/admin/subscribers/subscriber/", "administrator"),
    "add-subscriber": Look("/admin/subscribers/subscriber/add/", "administrator"),
    "messages-to-systems": Look("/admin/subscribers/message/", "administrator"),
    "api-tokens": Look("/admin/api/apitoken/", "administrator"),
    "add-api-token": Look("/admin/api/apitoken/add/"),
    "api-clients": Look("/admin/api/apiclient/", "administrator"),
    "add-api-client": Look("/admin/api/apiclient/add/", "administrator"),
    "api-docs": Look("/api/docs/"),
    "columns": Look("/admin/registry/customer/?columns=customer,email_said,phone_said"),
    "staff": Look("/admin/tenants/user/", "administrator"),
    "login": Look("/admin/login/", ""),
    "portal": Look("/portal/demo/login/", ""),
    "mail": Look("/portal/mail/", ""),
    "stand-in": Look("/sandbox/sumsub/review", ""),
}
PHONE_IN_DOCS = {"customer-page": "customer-page-phone.png"}


@pytest.fixture(scope="module")
def gallery(
    demo: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningHouse]:
    """Start a house whose customers nobody changes, for pictures that stay."""
    with running_house(demo, tmp_path_factory.mktemp("gallery")) as running:
        yield running


@pytest.fixture
def onlookers(chromium: Browser, gallery: RunningHouse) -> Iterator[Visitors]:
    people = Visitors(chromium, gallery)
    yield people
    people.leave()


def address(house: RunningHouse, look: Look) -> str:
    path = look.path
    if ID in path:
        path = path.replace(ID, steps.customer_id(house, look.whose))
    return f"{house.url}{path}"


def open_look(page: Page, house: RunningHouse, look: Look) -> None:
    answer = page.goto(address(house, look))
    assert answer is not None
    assert answer.status == 200, f"{page.url} answers {answer.status}."
    page.wait_for_function(SETTLED)
    page.wait_for_load_state("networkidle")  # previews are drawn
    page.evaluate("() => document.fonts.ready.then(() => true)")


def take_picture(page: Page, name: str, size: tuple[int, int], theme: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    file = PICTURES / f"{name}-{size[0]}-{theme}.png"
    page.screenshot(path=file, animations="disabled")
    wanted = LOOKS[name].in_docs if size == WIDE else PHONE_IN_DOCS.get(name, "")
    is_for_docs = environ.Env().str("PICTURES", default="") == "docs"
    if wanted and theme == "light" and is_for_docs:
        IN_DOCS.mkdir(parents=True, exist_ok=True)
        assert file.stat().st_size < MOST_BYTES
        (IN_DOCS / wanted).write_bytes(file.read_bytes())


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", LOOKS)
def test_a_page_is_without_fault(
    gallery: RunningHouse, onlookers: Visitors, name: str, theme: str
) -> None:
    look, found = LOOKS[name], []
    page = onlookers.enter(look.role, theme=theme)
    for size in (WIDE, PHONE, NARROW):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        if size != NARROW:
            open_look(page, gallery, look)
            take_picture(page, name, size, theme)
        page.keyboard.press("Tab")
        found += [f"{size[0]}: {fault}" for fault in page.evaluate(FAULTS)]
    found += onlookers.faults
    assert not found, "\n".join(found)


def test_the_look_for_faults_finds_them(chromium: Browser) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.set_content(
        "<h1>One</h1><h1>Two</h1><input><button></button><img src='data:,'>"
        "<p style='color: #777; background: #fff'>None</p>"
        "<a href='#' style='outline: none'>Here</a><hr style='width: 3000px'>"
    )
    page.keyboard.press("Tab")
    found = "\n".join(page.evaluate(FAULTS))
    context.close()
    for sentence in (
        "names no language", "no title", "2 headings", "without a label",
        "says what this does", "without words", "Contrast 4.48", "Reads “None”",
        "focus is not seen", "wide in a window",
    ):  # fmt: skip
        assert sentence in found


def test_the_theme_that_somebody_chose_wins(
    gallery: RunningHouse, onlookers: Visitors
) -> None:
    """Dark in Unfold's switch, on a computer that is set to light."""
    page = onlookers.enter("compliance_officer", theme="light")
    open_look(page, gallery, LOOKS["home"])
    is_dark = "() => document.documentElement.classList.contains('dark')"
    assert not page.evaluate(is_dark)
    page.get_by_role("button", name="User menu").click()
    page.locator('[x-on\\:click*="dark"]').first.click()
    page.wait_for_function(is_dark)
    page.reload()
    page.wait_for_function(is_dark)
    assert page.evaluate(FAULTS) == []
