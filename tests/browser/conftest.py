"""One Chromium, one demo bank, and houses that start from it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.processes import RunningHouse, make_demo, running_house
from tests.browser.visitors import Visitors, shared_chromium


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with shared_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def demo(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a demo bank that nobody changes; no browser, no demo."""
    return make_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def house(
    demo: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningHouse]:
    """Start the house whose customers the stories change."""
    with running_house(demo, tmp_path_factory.mktemp("house")) as running:
        yield running


@pytest.fixture
def visitors(chromium: Browser, house: RunningHouse) -> Iterator[Visitors]:
    """Let people in; afterwards their pages must have been without fault."""
    people = Visitors(chromium, house)
    yield people
    people.leave()
    assert not people.faults
