"""A dictionary as a file: read back as it was written, every error told."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.lists.csv_cells import escaped, unescaped
from customers.registry.dictionaries.csv_file import (
    CellError,
    read_entries,
    write_entries,
)
from customers.registry.dictionaries.entries import (
    MAX_ENTRIES,
    EntryRow,
    import_entries,
)
from customers.registry.models import Dictionary
from tenants.models import Tenant, User
from tests.registry.dictionaries.conftest import HEADING, entries

INDUSTRY = Dictionary.INDUSTRY


def places(content: str | bytes) -> list[tuple[int, str]]:
    """Where the errors of a file are."""
    body = content.encode() if isinstance(content, str) else content
    return [(error.row, error.column) for error in read_entries(body)[1]]


def test_what_is_written_reads_back(demo_bank: Tenant, setup_machine: User) -> None:
    told = [
        EntryRow("a", "=1+1", 1),
        EntryRow("b", "'=1+1", 2),
        EntryRow("c", "Commas, “quotes” and \"these\"", 3, is_active=False),
        EntryRow("d", "-5 °C", 4),
        EntryRow("e", "'tis", 5),
    ]  # fmt: skip
    import_entries(demo_bank, INDUSTRY, told, by=setup_machine, reason="r")
    held = entries(demo_bank, INDUSTRY).values()
    rows, errors = read_entries(write_entries(held).encode("utf-8-sig"))
    assert not errors
    assert set(told) < set(rows)
    done = import_entries(demo_bank, INDUSTRY, rows, by=setup_machine, reason="r")
    assert (done.added, done.changed) == (0, 0)


@pytest.mark.parametrize("label", ["=cmd()", "+1", "-1", "@sum", "＝1", "'=1", "''=1"])
def test_no_label_runs_as_a_formula(
    demo_bank: Tenant, setup_machine: User, label: str
) -> None:
    row = EntryRow("sly", label, 1)
    import_entries(demo_bank, INDUSTRY, [row], by=setup_machine, reason="r")
    held = entries(demo_bank, INDUSTRY)
    assert held["sly"].label == label
    (_, cell, _, _) = list(csv.reader(io.StringIO(write_entries([held["sly"]]))))[1]
    assert cell == f"'{label}"


@given(st.text(max_size=20))
def test_escaping_loses_nothing(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert not escaped(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("", [(1, "")]),
        ("\r\n\r\n", [(1, "")]),
        (HEADING, [(2, "")]),
        (b"code,label\xff,order,active\r\n", [(1, "")]),
        ("code,label,order,active\r\n".encode("utf-16"), [(1, "")]),
        ("code;label;order;active\r\na;A;1;yes\r\n", [(1, "")]),
        ("code,label,order\r\na,A,1\r\n", [(1, "active")]),
        ("code,label,order,active,colour\r\na,A,1,yes,red\r\n", [(1, "colour")]),
        ("code,code,label,order,active\r\na,a,A,1,yes\r\n", [(1, "code")]),
        (HEADING + 'a,"open,1,yes\r\n', [(1, "")]),
        (HEADING + "a" * 200_000 + ",A,1,yes\r\n", [(1, "")]),
        (HEADING + "a,A,1\r\nb,B,1,yes,more\r\n", [(2, ""), (3, "")]),
        (HEADING + "a,A,1,yes\r\na,B,2,yes\r\n", [(3, "code")]),
        (HEADING + ",,x,perhaps\r\n",
         [(2, "code"), (2, "label"), (2, "order"), (2, "active")]),
        (HEADING + "a,A,-1,yes\r\nb,B,1.5,yes\r\nc,C,10000,yes\r\n",
         [(2, "order"), (3, "order"), (4, "order")]),
        (HEADING + "a,A,١,yes\r\n", [(2, "order")]),
        (HEADING + "\r\nA B,A,1,yes\r\n", [(3, "code")]),
        (HEADING + f"a,{'x' * 101},1,yes\r\n", [(2, "label")]),
        (HEADING + "a,\x00,1,yes\r\n", [(2, "label")]),
    ],
)  # fmt: skip
def test_every_error_is_told_by_row_and_column(
    content: str | bytes, where: list[tuple[int, str]]
) -> None:
    assert places(content) == where


def test_columns_may_stand_in_any_order_and_case() -> None:
    content = "Active,Order,Label,Code\r\nNo, 7 ,Gold,gold\r\n"
    rows, errors = read_entries(content.encode("utf-8-sig"))
    assert (rows, errors) == ([EntryRow("gold", "Gold", 7, is_active=False)], [])


def test_a_repeated_code_names_the_first() -> None:
    rows = "a,A,1,yes\r\nb,B,1,yes\r\na,C,1,yes\r\n"
    _, errors = read_entries((HEADING + rows).encode())
    assert errors == [CellError(4, "code", "“a” stands in row 2 already.")]


def test_a_file_that_is_too_long_is_read_no_further() -> None:
    rows = [f"c{number},Label,1,yes\r\n" for number in range(MAX_ENTRIES)]
    assert places(HEADING + "".join(rows)) == []
    too_many = HEADING + "".join(rows) + "x,X,1,yes\r\n" * 100_000
    assert places(too_many) == [(MAX_ENTRIES + 2, "")]
