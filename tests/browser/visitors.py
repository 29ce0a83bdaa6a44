"""Real Chromium, and people in it whose pages are watched for faults."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import environ
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

from tests.browser.processes import RunningHouse

CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDE = (1280, 800)
PHONE = (390, 844)
NARROW = (320, 700)
STEP_MS = 20_000  # how long one click or look may take on a slow machine
HERE = ("127.0.0.1", "localhost", "")  # "": data: and blob: addresses
_shared: dict[str, Any] = {"guests": 0}


@contextmanager
def shared_chromium() -> Iterator[Browser]:
    """Launch once, whoever asks first; close when the last has left.

    Playwright refuses a second start in the same thread.
    """
    path = shutil.which("chromium")
    if path is None:
        sentence = "Chromium is not installed; `make services` does it."
        if environ.Env().bool("REQUIRE_SERVICES", default=False):
            pytest.fail(sentence)
        pytest.skip(sentence)
    if not _shared["guests"]:
        expect.set_options(timeout=STEP_MS)
        _shared["playwright"] = sync_playwright().start()
        _shared["browser"] = _shared["playwright"].chromium.launch(
            executable_path=path, args=CHROMIUM_FLAGS, timeout=60_000
        )
    _shared["guests"] += 1
    try:
        yield _shared["browser"]
    finally:
        _shared["guests"] -= 1
        if not _shared["guests"]:
            _shared["browser"].close()
            _shared["playwright"].stop()


class Visitors:
    """Opens pages for people of the bank; `faults` collects what went wrong there."""

    def __init__(self, chromium: Browser, house: RunningHouse) -> None:
        self.chromium, self.house = chromium, house
        self.contexts: list[BrowserContext] = []
        self.faults: list[str] = []

    def enter(
        self, role: str = "", *, bank: str = "demo", size: tuple[int, int] = WIDE,
        theme: str = "light",
    ) -> Page:  # fmt: skip
        """Give a fresh browser; with a role, one that is signed in already."""
        width, height = size
        context = self.chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if theme == "dark" else "light",
            storage_state=self._signed_in(role, bank) if role else None,
        )
        self.contexts.append(context)
        context.set_default_timeout(STEP_MS)
        page = context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("request", self._see)
        return page

    def _signed_in(self, role: str, bank: str) -> Any:
        """Sign in once a role; later visitors bring the same cookies."""
        key = f"{role}@{bank}"
        if key not in self.house.cookies:
            page = self.enter()
            self.house.sign_in(page, role, bank)
            self.house.cookies[key] = page.context.storage_state()
            page.context.close()
        return self.house.cookies[key]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            place = message.location.get("url", "")
            self.faults.append(f"console: {message.text} ({place})")

    def _see(self, request: Request) -> None:
        if (urlsplit(request.url).hostname or "") not in HERE:
            self.faults.append(f"asks a stranger: {request.url}")

    def leave(self) -> None:
        for context in self.contexts:
            context.close()
