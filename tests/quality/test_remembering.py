"""What is remembered of files is what the rules say of them, night after night."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from customers.quality import remembering
from customers.quality.models import CheckedFile, Finding
from customers.quality.rules import files
from customers.registry.models import Customer
from tenants.models import Tenant, User
from tests.conftest import MakeCustomer
from tests.quality.conftest import run, spoil
from tests.quality.nights import (
    DAY,
    hold_against_the_rules,
    next_packs,
    open_keys,
    read,
)

pytestmark = pytest.mark.django_db


def test_a_file_is_opened_once_and_again_when_it_is_another(
    clean: Customer, demo_bank: Tenant, make_customer: MakeCustomer,
    setup_machine: User,
) -> None:  # fmt: skip
    assert read(demo_bank, DAY) == 1
    assert read(demo_bank, DAY + timedelta(days=1)) == 0
    make_customer()
    assert read(demo_bank, DAY + timedelta(days=2)) == 1
    spoil(clean, details={"birth_date": "1960-01-01"})
    assert read(demo_bank, DAY + timedelta(days=3)) == 1
    # The same answers, written again: nobody can know that without opening it.
    Customer.objects.get(pk=clean.pk).save_as(setup_machine, "Again")
    assert read(demo_bank, DAY + timedelta(days=4)) == 1
    hold_against_the_rules(demo_bank, DAY + timedelta(days=4))


def test_a_second_night_decrypts_nothing(
    make_customer: MakeCustomer, demo_bank: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        spoil(make_customer(), details={"birth_date": f"19{n}0-01-01"})
    run(demo_bank)
    before = open_keys(demo_bank)

    def refuse(*_: Any) -> None:
        raise AssertionError("A file was opened.")

    field = Customer._meta.get_field("details")
    monkeypatch.setattr(type(field), "from_db_value", refuse)
    assert run(demo_bank).figures["read"] == 0
    assert open_keys(demo_bank) == before


def test_a_finding_that_somebody_removed_comes_back(
    clean: Customer, demo_bank: Tenant
) -> None:
    """What is remembered is what rules said, not that findings were right once."""
    spoil(clean, details={"birth_date": "1960-01-01"})
    run(demo_bank)
    Finding.objects.all().delete()
    assert run(demo_bank).figures["read"] == 0
    hold_against_the_rules(demo_bank, demo_bank.today)


@pytest.mark.parametrize(
    ("born", "turns_on"),
    [
        ("1906-11-30", date(2027, 11, 30)),
        ("1908-02-29", date(2029, 3, 1)),
        ("2027-05-05", date(2027, 5, 5)),
    ],
)
def test_a_birthday_is_seen_on_its_day(
    born: str, turns_on: date, clean: Customer, demo_bank: Tenant
) -> None:
    """In the year before, the file is opened each night; its day stands nowhere."""
    spoil(clean, details={"birth_date": born})
    early, before = turns_on - timedelta(days=400), turns_on - timedelta(days=1)
    days = [early, early, before, before, turns_on, turns_on + timedelta(days=1)]
    for day, opened in zip(days, [1, 0, 1, 1, 1, 0], strict=True):
        assert read(demo_bank, day) == opened
        hold_against_the_rules(demo_bank, day)
    # And a day that is looked at once more, later, is that day.
    read(demo_bank, before)
    hold_against_the_rules(demo_bank, before)


def test_after_a_year_a_file_is_opened_again(
    clean: Customer, demo_bank: Tenant
) -> None:
    days = [DAY + timedelta(days=n) for n in (0, 364, 365, 366)]
    assert [read(demo_bank, day) for day in days] == [1, 0, 1, 0]


@pytest.mark.parametrize("what", ["rule", "secret"])
def test_another_rule_or_key_opens_every_file(
    what: str, clean: Customer, demo_bank: Tenant, monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:  # fmt: skip
    run(demo_bank)
    if what == "rule":
        monkeypatch.setattr(remembering, "_sources", lambda: "of the next release")
    else:
        settings.SECRET_KEY = "another-secret-of-the-house"
    assert run(demo_bank).figures["read"] == 1


def test_another_pack_is_seen(
    clean: Customer, demo_bank: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(clean, details={"id_number": ""})
    assert [read(demo_bank, DAY), read(demo_bank, DAY)] == [1, 0]
    monkeypatch.setattr(files, "load_packs", next_packs)
    assert read(demo_bank, DAY) == 1
    hold_against_the_rules(demo_bank, DAY)
    assert {key[3] for key in open_keys(demo_bank)} == {"id_number"}


def test_another_zone_is_seen(clean: Customer, demo_bank: Tenant) -> None:
    """Who registered late on the eve of majority did so on the day, further east."""
    late = datetime(2026, 11, 20, 23, tzinfo=UTC)
    spoil(clean, details={"birth_date": "2008-11-21"}, registered_at=late)
    read(demo_bank, DAY)
    assert {key[1] for key in open_keys(demo_bank)} == {"age_contradicts_registration"}
    Tenant.objects.filter(pk=demo_bank.pk).update(time_zone="Asia/Tokyo")
    demo_bank.refresh_from_db()
    assert read(demo_bank, DAY) == 1
    hold_against_the_rules(demo_bank, DAY)
    assert not open_keys(demo_bank)


def test_nothing_personal_is_remembered(clean: Customer, demo_bank: Tenant) -> None:
    spoil(clean, details={"birth_date": "1960-01-01", "address": "1 Westgate"})
    run(demo_bank)
    kept = str(list(CheckedFile.objects.values()))
    assert "birth_date_new_year" in kept
    for said in ("1960", "2081", "Westgate", clean.name):
        assert said not in kept
