"""Two administrators change one entry: the second is told, and loses nothing typed."""

from typing import Any

import pytest
from django.test import Client

from common.errors import StaleVersionError
from customers.registry.dictionaries.entries import (
    EntryRow,
    change_entry,
    import_entries,
    version_of,
)
from customers.registry.models import Dictionary, DictionaryEntry
from tenants.models import Tenant, User
from tests.conftest import ClientAs, MakeStaff
from tests.registry.dictionaries.conftest import change, entries, page

INDUSTRY = Dictionary.INDUSTRY
MINING = "Mining and quarrying"


@pytest.fixture
def mining(demo_bank: Tenant) -> DictionaryEntry:
    return entries(demo_bank, INDUSTRY)["mining"]


@pytest.fixture
def second(make_staff: MakeStaff, client_as: ClientAs) -> Client:
    return client_as(make_staff("administrator"))


def as_it_stands(entry: DictionaryEntry, **said: Any) -> dict[str, Any]:
    asked = {"label": entry.label, "order": entry.order, "is_active": "on", **said}
    return change(entry, **asked)


def test_the_second_is_told_and_undoes_nothing(
    desk: Client, second: Client, administrator: User, mining: DictionaryEntry
) -> None:
    read = as_it_stands(mining, label="Quarries", reason="Told so")
    hidden = second.get(page("change", mining)).context["form"]["version"].value()
    assert hidden == read["version"]
    retired = as_it_stands(mining, reason="All closed")
    del retired["is_active"]
    assert desk.post(page("change", mining), retired).status_code == 302
    answer = second.post(page("change", mining), read)
    body = answer.content.decode()
    assert f"Nothing was saved: {administrator} changed this entry" in body
    assert "(“All closed”)" in body
    mining.refresh_from_db()
    assert (mining.label, mining.is_active) == (MINING, False)
    form = answer.context["form"]
    # What they typed stays; what they left alone is as it is now.
    shown = {name: form[name].value() for name in ("label", "is_active", "reason")}
    assert shown == {"label": "Quarries", "is_active": False, "reason": "Told so"}
    again = {**read, "version": form["version"].value()}
    del again["is_active"]
    assert second.post(page("change", mining), again).status_code == 302
    mining.refresh_from_db()
    assert (mining.label, mining.is_active) == ("Quarries", False)


def test_where_both_changed_one_field_the_other_value_is_said(
    desk: Client, second: Client, mining: DictionaryEntry
) -> None:
    read = as_it_stands(mining, label="Quarries")
    desk.post(page("change", mining), as_it_stands(mining, label="Gold"))
    answer = second.post(page("change", mining), read)
    assert "Label: now “Gold”" in answer.content.decode()
    assert answer.context["form"]["label"].value() == "Quarries"


def test_one_form_pressed_twice_is_one_change(
    desk: Client, mining: DictionaryEntry
) -> None:
    said = as_it_stands(mining, label="Quarries")
    for _ in range(2):
        assert desk.post(page("change", mining), said).status_code == 302
    assert mining.history.filter(label="Quarries").count() == 1


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30])
def test_a_forged_version_changes_nothing(
    desk: Client, mining: DictionaryEntry, version: str
) -> None:
    said = as_it_stands(mining, label="Forged", version=version)
    assert desk.post(page("change", mining), said).status_code == 200
    mining.refresh_from_db()
    assert mining.label == MINING


def test_an_import_counts_as_a_change_too(
    demo_bank: Tenant, administrator: User, mining: DictionaryEntry
) -> None:
    read = version_of(mining)
    because: dict[str, Any] = {"by": administrator, "reason": "A new list"}
    row = EntryRow("mining", "Mines", 20)
    import_entries(demo_bank, INDUSTRY, [row], **because)
    asked: dict[str, Any] = {"label": MINING, "order": 1, "is_active": True}
    with pytest.raises(StaleVersionError):
        change_entry(mining.pk, version=read, **asked, **because)
    assert change_entry(mining.pk, **asked, **because), "who read no version may"
