"""Pages by cursor: no row twice, none left out, whatever is written meanwhile."""

import base64
import json
from typing import Any

import pytest
from django.test import Client

from customers.registry.models import Dictionary, DictionaryEntry
from tenants.models import Tenant, User
from tests.api.conftest import refusal
from tests.conftest import ClientAs

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.probe")]
ENTRIES = "/api/v1/entries"


@pytest.fixture
def api(client_as: ClientAs, officer: User) -> Client:
    return client_as(officer)


@pytest.fixture
def entries(demo_bank: Tenant, second_bank: Tenant, setup_machine: User) -> list[str]:
    """Many of the same order, so that the id has to decide; theirs among them."""
    for number in range(23):
        add(demo_bank, f"e{number:02d}", number // 10, setup_machine)
        add(second_bank, f"x{number:02d}", number // 10, setup_machine)
    rows = DictionaryEntry.objects.filter(tenant=demo_bank).order_by("order", "id")
    return [row.code for row in rows]


def add(tenant: Tenant, code: str, order: int, by: User) -> None:
    row = DictionaryEntry(
        tenant=tenant, dictionary=Dictionary.INDUSTRY, code=code, label=code,
        order=order,
    )  # fmt: skip
    row.save_as(by, "For the test")


def walk(api: Client, way: str, start: str) -> tuple[list[list[str]], str | None]:
    pages, url, last = [], start, None
    while url:
        page = api.get(url).json()
        pages.append([row["code"] for row in page["results"]])
        last, url = page, page[way]
    return pages, last["previous"] if last else None


@pytest.mark.parametrize("limit", [1, 4, 10, 23, 50])
def test_there_and_back(api: Client, entries: list[str], limit: int) -> None:
    pages, back = walk(api, "next", f"{ENTRIES}?limit={limit}")
    assert [code for page in pages for code in page] == entries
    assert all(len(page) == limit for page in pages[:-1])
    if back:
        earlier, _ = walk(api, "previous", back)
        assert list(reversed(earlier)) == pages[:-1]


def test_rows_come_and_go_between_pages(
    api: Client, entries: list[str], demo_bank: Tenant, setup_machine: User
) -> None:
    first = api.get(f"{ENTRIES}?limit=5").json()
    add(demo_bank, "early", 0, setup_machine)  # sorts behind its equals: still to come
    gone = DictionaryEntry.objects.filter(code__in=entries[:3])
    gone._raw_delete(gone.db)  # no command deletes one
    rest, _ = walk(api, "next", first["next"])
    seen = [code for page in rest for code in page]
    assert [code for code in seen if code != "early"] == entries[5:]
    assert seen.count("early") == 1


@pytest.mark.parametrize("limit", ["0", "-1", "201", "x", "", "1e3", "²", "9" * 99,
                                   "0000000010000", "0" * 5000 + "7"])  # fmt: skip
def test_lengths_we_do_not_take(api: Client, limit: str) -> None:
    refusal(api.get(ENTRIES, {"limit": limit}), 400, "BAD_REQUEST")


def cursor_of(said: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    ["x", "", "%%%", "é", cursor_of([]), cursor_of([False]), cursor_of({}),
     cursor_of([False, 1]), cursor_of([1, "1", "x"]), cursor_of([False, None, None]),
     cursor_of([False, "a", "b"]), cursor_of([False, {}, []]),
     cursor_of([False, 1, "0" * 32, 1])],
)  # fmt: skip
def test_cursors_that_are_none(api: Client, entries: list[str], cursor: str) -> None:
    refusal(api.get(ENTRIES, {"cursor": cursor}), 400, "BAD_REQUEST")
