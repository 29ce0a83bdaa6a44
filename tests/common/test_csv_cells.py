"""No cell of any file runs in a spreadsheet, and each reads back as it was."""

import csv
import io
from datetime import UTC, date, datetime, timedelta, timezone
from operator import itemgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.lists.csv_cells import escaped, unescaped
from exports.writing import as_text, line_of

STARTS = "=+-@\t\r\n＝＋－＠"
HIDDEN = " '\"\u00a0\u3000\u200b\ufeff"
NASTY = st.text(st.sampled_from(STARTS + HIDDEN + "1A,;|\x0b\u2028"), max_size=12)
TEXT = st.one_of(
    NASTY,
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    st.from_regex(r"\A\+[1-9][0-9]{7,14}\Z"),
)


def read_back(line: list[str]) -> list[str]:
    file = io.StringIO(newline="")
    csv.writer(file).writerow(line)
    file.seek(0)
    return next(csv.reader(file, strict=True))


@given(st.lists(TEXT, min_size=1, max_size=5))
def test_no_cell_runs_and_each_reads_back(values: list[str]) -> None:
    readers = [itemgetter(place) for place in range(len(values))]
    line = line_of(values, readers)
    for cell in line:
        assert not cell.startswith(tuple(STARTS))
        assert not cell.lstrip(HIDDEN.replace("'", "")).startswith(
            tuple("=+-@＝＋－＠")
        )
    assert [unescaped(cell) for cell in read_back(line)] == values


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("+233244123456", "'+233244123456"),
        ("-5.00", "'-5.00"),
        (' "=1+1', "' \"=1+1"),
        ("'=1", "''=1"),
        ("O'Hara", "O'Hara"),
        ("12-4", "12-4"),
        ("'tis", "'tis"),
        ("", ""),
    ],
)
def test_by_example(value: str, cell: str) -> None:
    assert escaped(value) == cell
    assert unescaped(cell) == value


def test_values_as_text() -> None:
    noon = datetime(2026, 11, 12, 12, tzinfo=timezone(timedelta(hours=2)))
    assert as_text(noon) == "2026-11-12T10:00:00Z"
    assert as_text(datetime(2026, 11, 12, tzinfo=UTC)) == "2026-11-12T00:00:00Z"
    assert as_text(date(2026, 11, 12)) == "2026-11-12"
    assert [as_text(v) for v in (None, True, False, 7)] == ["", "yes", "no", "7"]
