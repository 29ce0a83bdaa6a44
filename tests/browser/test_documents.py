"""Adding documents in a real browser: chosen, dropped, sent, refused, mended."""

from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import steps
from tests.browser.processes import RunningHouse
from tests.browser.visitors import Visitors
from tests.documents.files import pdf, picture

pytestmark = pytest.mark.browser

WHO = "Tomasz Wieczorek"
GOOD = "passport of the browser.png"
# Hands a file to whatever the page hears as dropped on it.
DROP = """([name, text]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([text], name, { type: "application/pdf" }));
  for (const type of ["dragover", "drop"]) {
    document.querySelector("[data-v-drop]").dispatchEvent(
      new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: carried }));
  }
}"""

# Tells each sentence of the one row as it comes.
LISTEN = """() => {
  const said = document.querySelector(".v-upload-said");
  new MutationObserver(() => window.heard(said.textContent))
    .observe(said, { childList: true });
}"""


def open_page(page: Page, house: RunningHouse) -> None:
    page.goto(steps.customer_url(house, WHO))
    panel = steps.panel(page, "Documents")
    panel.get_by_role("link", name="Add documents").click()
    expect(page.get_by_role("heading", name=f"Documents of {WHO}")).to_be_visible()
    expect(page.get_by_text("Drop files here, or")).to_be_visible()


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name, exact=True)


def tab_to(page: Page, wanted: Locator) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if wanted.evaluate("it => it === document.activeElement"):
            return
    raise AssertionError(f"No way to {wanted}.")


def forget_refusals(visitors: Visitors) -> None:
    """Chromium writes every answer of 4xx to its console, which is no fault here."""
    visitors.faults[:] = [f for f in visitors.faults if "status of 422" not in f]


def test_two_files_one_is_refused(house: RunningHouse, visitors: Visitors) -> None:
    clerk = visitors.enter("client_facing")
    open_page(clerk, house)
    clerk.get_by_label("Choose files").set_input_files(
        {"name": GOOD, "mimeType": "image/png", "buffer": picture()}
    )
    clerk.evaluate(DROP, ["letter.pdf", "no PDF at all"])
    good, bad = row(clerk, GOOD), row(clerk, "letter.pdf")
    good.get_by_label("Kind").select_option("id")
    good.get_by_label("Type of ID").select_option("passport")
    expect(bad.get_by_label("Type of ID")).to_be_hidden()

    clerk.get_by_role("button", name="Send 2 documents").click()
    expect(bad.get_by_text("Choose a kind.")).to_be_visible()
    expect(bad.get_by_label("Kind")).to_be_focused()
    bad.get_by_label("Kind").select_option("address_proof")
    clerk.get_by_role("button", name="Send 2 documents").click()
    expect(good.get_by_text("Stored as “Passport”.")).to_be_visible()
    expect(bad.get_by_text("“letter.pdf” says it is a PDF")).to_be_visible()
    expect(clerk.get_by_role("button", name="Send 1 document")).to_be_visible()
    forget_refusals(visitors)

    # The refused one stays, and goes; the stored one is on the customer's page.
    bad.get_by_role("button", name="Remove letter.pdf").click()
    clerk.get_by_role("link", name="Back to the customer").click()
    panel = steps.panel(clerk, "Documents")
    ((sent, kind),) = house.rows(
        "SELECT id, id_type FROM documents_document WHERE original_name = ?", GOOD
    )
    assert kind == "passport"
    expect(panel.locator(f'a[href*="{UUID(sent)}"]').first).to_be_visible()


def test_by_keyboard_alone(
    house: RunningHouse, visitors: Visitors, tmp_path: Path
) -> None:
    clerk = visitors.enter("client_facing")
    open_page(clerk, house)
    file = tmp_path / "deed.pdf"
    file.write_bytes(pdf("Deed", size=400_000))
    tab_to(clerk, clerk.get_by_label("Choose files"))
    with clerk.expect_file_chooser() as asked:
        clerk.keyboard.press("Space")
    asked.value.set_files(file)
    kind = row(clerk, "deed.pdf").get_by_label("Kind")
    expect(kind).to_be_focused()
    clerk.keyboard.type("Trust")
    expect(kind).to_have_value("trust_deed")
    seen: list[str] = []

    def hear(words: str) -> None:
        seen.append(words)

    clerk.expose_function("heard", hear)
    clerk.evaluate(LISTEN)
    tab_to(clerk, clerk.get_by_role("button", name="Send 1 document"))
    clerk.keyboard.press("Enter")
    expect(
        row(clerk, "deed.pdf").get_by_text("Stored as “Trust deed”.")
    ).to_be_visible()
    back = clerk.get_by_role("link", name="Back to the customer")
    expect(back).to_be_focused()
    assert any("% sent" in words or "being looked at" in words for words in seen), seen
    expect(clerk.locator("#upload-said")).to_contain_text("Stored as “Trust deed”.")


def test_too_large_never_leaves_the_browser(
    house: RunningHouse, visitors: Visitors, tmp_path: Path
) -> None:
    clerk = visitors.enter("client_facing", size=(390, 844))
    open_page(clerk, house)
    file = tmp_path / "huge.pdf"
    with file.open("wb") as out:
        out.truncate(25 * 1024**2 + 1)
    clerk.get_by_label("Choose files").set_input_files(file)
    expect(row(clerk, "huge.pdf").get_by_text("larger than 25 MB")).to_be_visible()
    send = clerk.get_by_role("button", name="Send documents")
    expect(send).to_have_attribute("aria-disabled", "true")
