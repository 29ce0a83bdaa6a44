"""Why what is remembered of a file is right; nothing here may ask the database."""

import ast
import inspect
import json
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from types import CodeType
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.encryption import encrypt
from customers.quality.remembering import WRITTEN_WITH, rules_key, seal_of
from customers.quality.rules.contradictory import birthday
from customers.quality.rules.files import (
    FILE_CHECKS,
    CustomerFile,
    Sealed,
    hits_of_file,
)

DAY = date(2026, 11, 21)
RULES = "customers.quality.rules"
ONE = Sealed(
    customer_id=UUID(int=1), token="token", is_individual=True, registered_on=DAY,
    tier=1, employment="", source_of_funds="", countries=(),
    asked=(("birth_date", True),),
)  # fmt: skip
OTHER: dict[str, Any] = {
    "customer_id": UUID(int=2), "token": "other", "is_individual": False,
    "registered_on": DAY - timedelta(days=1), "tier": 2, "employment": "x",
    "source_of_funds": "x", "countries": ("",), "asked": (("birth_date", False),),
}  # fmt: skip
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "birth_date": st.sampled_from(
            ["", "sometime", "1900-01-01", "1960-01-01", "1908-02-29", "2030-06-01"]
        ),
        "address": st.sampled_from(["", "1 Westgate", "12 Ring Road, Accra, Ghana"]),
        "registration_number": st.just("CS-1"),
    },
)
FILES = st.builds(
    Sealed,
    customer_id=st.just(UUID(int=1)),
    token=ANSWERS.map(lambda said: encrypt(json.dumps(said).encode())),
    is_individual=st.booleans(),
    registered_on=st.sampled_from([DAY, date(1920, 1, 1), date(1978, 1, 1)]),
    tier=st.integers(1, 3),
    employment=st.sampled_from(["", "employed"]),
    source_of_funds=st.sampled_from(["", "salary"]),
    countries=st.sampled_from([(), ("",), ("GHA",), ("", "GHA")]),
    asked=st.sampled_from([(), (("birth_date", True), ("address", False))]),
)
DAYS = st.one_of(
    st.dates(date(1990, 1, 1), date(2200, 1, 1)),
    st.sampled_from([date(2029, 2, 28), date(2029, 3, 1), date(2030, 6, 1)]),
)


@given(file=FILES, on=DAYS, other=DAYS)
def test_what_is_said_holds_until_its_day(file: Sealed, on: date, other: date) -> None:
    opened = CustomerFile(file, on)
    said = hits_of_file(opened)
    if on <= other < (opened.until or date.max):
        assert hits_of_file(CustomerFile(file, other)) == said


def test_every_part_of_a_file_is_sealed() -> None:
    assert set(OTHER) == set(Sealed._fields)
    files = [ONE, *(ONE._replace(**{name: value}) for name, value in OTHER.items())]
    key = rules_key()
    seals = {seal_of(file, key) for file in files}
    assert len(seals) == len(files)
    assert seal_of(ONE, b"another key") not in seals


@pytest.mark.parametrize(
    ("born", "age", "on"),
    [
        (date(1908, 2, 29), 121, date(2029, 3, 1)),
        (date(2008, 2, 29), 20, date(2028, 2, 29)),
        (date(1960, 5, 5), 18, date(1978, 5, 5)),
        (date(9990, 5, 5), 18, date.max),
    ],
)
def test_birthdays(born: date, age: int, on: date) -> None:
    assert birthday(born, age) == on


@pytest.mark.parametrize("key", sorted(FILE_CHECKS))
def test_a_rule_is_written_with_what_its_version_covers(key: str) -> None:
    """Whoever lets one call more of the house adds that module to WRITTEN_WITH."""
    covered = {module.__name__ for module in WRITTEN_WITH}
    used = set(modules_used(FILE_CHECKS[key]))
    assert {name for name in used if not name.startswith(RULES)} <= covered


def test_the_guard_sees_through_functions() -> None:
    used = set(modules_used(FILE_CHECKS["address_without_country"]))
    assert {"common.text", "common.reading.countries"} <= used


def modules_used(function: Callable[..., Any]) -> Iterator[str]:
    """Modules of ours whose names the function uses, and those it calls."""
    module = sys.modules[function.__module__]
    imported = {
        alias.asname or alias.name: node.module or ""
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    for name in names_in(function.__code__):
        source = imported.get(name, "")
        value = getattr(module, name, None)
        if source.startswith(("common", "customers", "tenants", "events")):
            yield source
        if inspect.isfunction(value) and value.__module__.startswith(RULES):
            yield from modules_used(value)


def names_in(code: CodeType) -> set[str]:
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    return set(code.co_names).union(*map(names_in, inner))
