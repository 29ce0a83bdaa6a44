"""A system that takes events, in a real browser: added, failing, well again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from standardwebhooks.webhooks import Webhook

from tests.browser import steps
from tests.browser.processes import RunningHouse, running_house
from tests.browser.visitors import PHONE, WIDE, Visitors
from tests.subscribers.receiver import Receiver, answering, running_receiver, take_it

pytestmark = pytest.mark.browser
SAID = b"no, says ama@mail.example of +233 24 412 3456"


@pytest.fixture(scope="module")
def sending_house(
    demo: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningHouse]:
    """A house that may send to receivers on this machine."""
    folder = tmp_path_factory.mktemp("sending")
    with running_house(
        demo, folder, SUBSCRIBER_ALLOWED_NETWORKS="127.0.0.0/8"
    ) as running:
        yield running


@pytest.fixture
def administrators(
    chromium: Browser, sending_house: RunningHouse
) -> Iterator[Visitors]:
    people = Visitors(chromium, sending_house)
    yield people
    people.leave()
    assert not people.faults


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


class Desk:
    """What an administrator does on the page of one subscriber."""

    def __init__(self, page: Page, house: RunningHouse, folder: Path) -> None:
        self.page, self.house, self.folder = page, house, folder

    def press(self, verb: str, button: str, **said: str) -> None:
        """Open a dialog, fill it in, confirm."""
        self.page.locator("a.v-button:visible", has_text=verb).first.click()
        expect(self.page.get_by_role("dialog")).to_be_visible()
        if said:
            self.fill(**said)
        self.confirm(button)

    def confirm(self, button: str) -> None:
        """Press the dialog's button and wait for the page that follows."""
        dialog = self.page.get_by_role("dialog")
        with self.page.expect_navigation():
            dialog.get_by_role("button", name=button, exact=True).click()
        expect(dialog).to_be_hidden()

    def fill(self, **said: str) -> None:
        """Fill in the dialog, once it has come to rest with its first field."""
        dialog = self.page.get_by_role("dialog")
        expect(dialog.get_by_role("textbox").first).to_be_focused()
        for label, text in said.items():
            dialog.get_by_label(label).fill(text)
            expect(dialog.get_by_label(label)).to_have_value(text)

    def secret(self) -> str:
        """Read the secret on the page that shows it once, and go on."""
        found = self.page.locator("input.v-secret")
        expect(found).to_be_visible()
        text = found.input_value()
        self.look("secret")
        self.page.get_by_role("link", name="Done").click()
        assert text not in self.page.content()
        return text

    def wait_for(self, words: str) -> None:
        shown = self.page.get_by_text(words)
        steps.reload_until(self.page, lambda: shown.count() > 0)

    def look(self, name: str) -> None:
        steps.stays_within(self.page)
        place = self.folder / f"{name}-{self.page.viewport_size['width']}.png"  # type: ignore[index]
        self.page.screenshot(path=place, full_page=True)


@pytest.mark.parametrize(("size", "theme"), [(WIDE, "light"), (PHONE, "dark")])
def test_it_fails_recovers_and_is_sent_everything_again(
    sending_house: RunningHouse, administrators: Visitors, receiver: Receiver,
    size: tuple[int, int], theme: str, tmp_path: Path,
) -> None:  # fmt: skip
    page = administrators.enter("administrator", size=size, theme=theme)
    desk = Desk(page, sending_house, tmp_path)
    name = f"Screening {size[0]}"
    page.goto(f"{sending_house.url}/admin/subscribers/subscriber/add/")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Address", exact=True).fill(receiver.url)
    page.get_by_label("Why").fill("They watch payments")
    desk.look("add")
    page.get_by_role("button", name="Add", exact=True).click()
    first = desk.secret()
    home = page.url

    receiver.behaviour = answering(500, SAID)
    desk.press("Send test event", "Send")
    desk.wait_for("Test event: 500 in")
    assert "ama@mail.example" not in page.content()
    desk.look("failing")

    receiver.behaviour = take_it
    page.goto(f"{sending_house.url}/admin/subscribers/message/")
    desk.look("messages")
    page.get_by_role("link", name="Test event").first.click()
    desk.press("Send again", "Send again", Why="They are back")
    desk.wait_for("204 in")
    expect(page.get_by_text("Taken", exact=True).first).to_be_visible()
    assert len({taken.webhook_id for taken in receiver.taken}) == 1
    desk.look("message")

    page.goto(home)
    desk.press("New secret", "Make secret", Why="Yearly")
    second = desk.secret()
    assert second != first
    before = len(receiver.taken)
    desk.press("Send test event", "Send")
    steps.reload_until(page, lambda: len(receiver.taken) > before)
    for secret in (first, second):
        Webhook(secret).verify(receiver.taken[-1].body, receiver.taken[-1].headers)

    desk.press("Pause", "Pause", Why="They move house")
    expect(page.get_by_text("Paused", exact=True).first).to_be_visible()
    expect(page.get_by_role("link", name="Send test event")).to_have_count(0)
    desk.look("paused")
    desk.press("Resume", "Resume", Why="They have moved")
    expect(page.get_by_text("Active", exact=True).first).to_be_visible()

    before = len(receiver.taken)
    page.locator("a.v-button:visible", has_text="Send again").first.click()
    desk.fill(Why="They start anew", Since="2020-01-31 08:00")
    desk.look("replay")
    desk.confirm("Send again")
    steps.reload_until(page, lambda: len(receiver.taken) > before + 20)
    desk.wait_for("0, nothing waits")
    desk.look("sent")
    page.goto(f"{sending_house.url}/admin/subscribers/subscriber/")
    desk.look("list")
