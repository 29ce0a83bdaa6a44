"""Dictionaries of an institution: first entries, additions, retirement, versions."""

from typing import Any
from uuid import uuid4

import pytest

from common.errors import DomainError
from customers.registry.choices import CustomerType
from customers.registry.dictionaries.defaults import DEFAULTS
from customers.registry.dictionaries.entries import (
    CODE,
    MAX_ENTRIES,
    MAX_LABEL,
    EntryRow,
    add_entry,
    change_entry,
    entries_of,
    import_entries,
)
from customers.registry.models import MIRRORED, Dictionary, DictionaryEntry
from deposits.models import AccountType
from tenants.models import Tenant, User
from tests.conftest import race
from tests.registry.conftest import LOCKS
from tests.registry.dictionaries.conftest import entries

INDUSTRY = Dictionary.INDUSTRY


def test_there_are_twelve_and_all_have_usual_entries() -> None:
    assert len(Dictionary) == 12
    assert set(DEFAULTS) == set(Dictionary)
    for dictionary, usual in DEFAULTS.items():
        codes = [code for code, _ in usual]
        assert len(set(codes)) == len(codes) > 0
        assert all(len(label) <= MAX_LABEL for _, label in usual)
        if dictionary not in MIRRORED:
            assert all(CODE.fullmatch(code) for code in codes), dictionary


def test_the_mirrored_say_what_the_code_says() -> None:
    assert DEFAULTS[Dictionary.CUSTOMER_TYPE] == tuple(CustomerType.choices)
    assert DEFAULTS[Dictionary.ACCOUNT_TYPE] == tuple(AccountType.choices)


def test_an_institution_starts_with_the_usual_entries(
    demo_bank: Tenant, second_bank: Tenant, setup_machine: User
) -> None:
    found = entries_of(demo_bank, *Dictionary)
    for dictionary, usual in DEFAULTS.items():
        held = tuple((entry.code, entry.label) for entry in found[dictionary])
        assert held == usual
    entry = found[INDUSTRY][0]
    version = entry.history.get()
    assert version.history_user == setup_machine
    assert version.history_change_reason == "The usual entries"
    assert not DictionaryEntry.objects.for_tenant(second_bank.pk).exists()


def test_asked_again_nothing_is_made(
    demo_bank: Tenant, django_assert_num_queries: Any
) -> None:
    entries_of(demo_bank, *Dictionary)
    count = DictionaryEntry.objects.count()
    with django_assert_num_queries(1):
        entries_of(demo_bank, *Dictionary)
    assert DictionaryEntry.objects.count() == count


def test_what_was_retired_does_not_come_back(
    demo_bank: Tenant, setup_machine: User
) -> None:
    for entry in entries(demo_bank, Dictionary.MNO).values():
        change_entry(
            entry.pk, label=entry.label, order=entry.order, is_active=False,
            by=setup_machine, reason="None of them here",
        )  # fmt: skip
    again = entries(demo_bank, Dictionary.MNO).values()
    assert again
    assert not any(entry.is_active for entry in again)


@LOCKS
def test_two_who_ask_first_at_once_make_them_once(
    demo_bank: Tenant,
) -> None:
    results = race(*[lambda: len(entries(demo_bank, INDUSTRY))] * 3)
    assert results == [len(DEFAULTS[INDUSTRY])] * 3
    assert DictionaryEntry.objects.count() == len(DEFAULTS[INDUSTRY])


def test_mirrored_entries_follow_a_new_release(
    demo_bank: Tenant, setup_machine: User
) -> None:
    """What is stored may be of an older release: relabelled, gone, not there yet."""
    dictionary = Dictionary.CUSTOMER_TYPE
    for code, label in (("BANK", "Banking house"), ("COOPERATIVE", "Cooperative")):
        DictionaryEntry(
            tenant=demo_bank, dictionary=dictionary, code=code, label=label
        ).save_as(setup_machine, "An older release")
    now = entries(demo_bank, dictionary)
    active = tuple((e.code, e.label) for e in now.values() if e.is_active)
    assert active == tuple(CustomerType.choices)
    assert not now["COOPERATIVE"].is_active
    assert now["BANK"].history.first().history_change_reason == "Follows the software"


@pytest.mark.parametrize("dictionary", MIRRORED)
def test_the_mirrored_are_read_only(
    demo_bank: Tenant, setup_machine: User, dictionary: Dictionary
) -> None:
    row = EntryRow("gold", "Gold", 1)
    entry = next(iter(entries(demo_bank, dictionary).values()))
    deeds = (
        lambda: add_entry(demo_bank, dictionary, row, by=setup_machine, reason="r"),
        lambda: import_entries(
            demo_bank, dictionary, [row], by=setup_machine, reason="r"
        ),
        lambda: change_entry(
            entry.pk, label="Mine", order=1, is_active=False, by=setup_machine,
            reason="r",
        ),
    )  # fmt: skip
    before = list(DictionaryEntry.objects.values_list())
    for deed in deeds:
        with pytest.raises(DomainError, match="fixed by the software"):
            deed()
    assert list(DictionaryEntry.objects.values_list()) == before


def test_an_entry_is_added_with_who_and_why(
    demo_bank: Tenant, second_bank: Tenant, setup_machine: User
) -> None:
    row = EntryRow("fishing", " Deep  sea fishing ", 5)
    entry = add_entry(demo_bank, INDUSTRY, row, by=setup_machine, reason="The harbour")
    assert entry.label == "Deep sea fishing"
    assert next(iter(entries(demo_bank, INDUSTRY))) == "fishing", "5 comes before 10"
    assert entry.history.get().history_change_reason == "The harbour"
    assert "fishing" not in entries(second_bank, INDUSTRY)


@pytest.mark.parametrize(
    ("code", "label", "order", "field"),
    [
        ("agriculture", "Again", 1, "code"),
        ("", "Empty", 1, "code"),
        ("Gold", "Capital", 1, "code"),
        ("a b", "Space", 1, "code"),
        ("é", "Accent", 1, "code"),
        ("x" * 41, "Long", 1, "code"),
        ("=1", "Formula", 1, "code"),
        ("gold", "", 1, "label"),
        ("gold", " \u200b ", 1, "label"),
        ("gold", "x" * 101, 1, "label"),
        ("gold", "Gold", -1, "order"),
        ("gold", "Gold", 10_000, "order"),
    ],
)
def test_a_bad_entry_is_refused(
    demo_bank: Tenant, setup_machine: User,
    code: str, label: str, order: int, field: str,
) -> None:  # fmt: skip
    count = len(entries(demo_bank, INDUSTRY))
    row = EntryRow(code, label, order)
    with pytest.raises(DomainError) as refusal:
        add_entry(demo_bank, INDUSTRY, row, by=setup_machine, reason="r")
    assert refusal.value.field == field
    assert len(entries(demo_bank, INDUSTRY)) == count


def test_a_retired_entry_keeps_its_code_and_its_versions(
    demo_bank: Tenant, setup_machine: User
) -> None:
    entry = entries(demo_bank, INDUSTRY)["mining"]
    said: dict[str, Any] = {"label": "Mines", "order": 70, "is_active": False}
    for changed in (True, False):
        done = change_entry(entry.pk, **said, by=setup_machine, reason="All closed")
        assert done is changed
    entry.refresh_from_db()
    assert (entry.code, entry.label, entry.is_active) == ("mining", "Mines", False)
    assert entry.history.count() == 2, "the second press changed nothing"
    assert entry.history.first().history_change_reason == "All closed"


def test_a_dictionary_does_not_grow_without_end(
    demo_bank: Tenant, setup_machine: User
) -> None:
    rows = [EntryRow(f"c{number}", "Label", 1) for number in range(MAX_ENTRIES)]
    with pytest.raises(DomainError, match="at most 1,000"):
        import_entries(demo_bank, INDUSTRY, rows, by=setup_machine, reason="r")
    assert len(entries(demo_bank, INDUSTRY)) == len(DEFAULTS[INDUSTRY])


def test_there_is_no_entry_of_nobody(setup_machine: User) -> None:
    with pytest.raises(DictionaryEntry.DoesNotExist):
        change_entry(
            uuid4(), label="x", order=1, is_active=True, by=setup_machine, reason="r"
        )
