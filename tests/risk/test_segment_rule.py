"""The score and the segment against tables of their boundaries."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest

from customers.risk.choices import Segment
from customers.risk.segments.rule import (
    Points,
    Standing,
    Usage,
    is_current_use,
    score,
    segment_of,
)

ON = date(2026, 11, 21)


def usage(
    *, tier: int = 1, days: int | None = None, operations: int = 0, products: int = 0,
    balance: str = "0",
) -> Usage:  # fmt: skip
    last_on = None if days is None else ON - timedelta(days=days)
    return Usage(tier, last_on, operations, products, Decimal(balance))


@dataclass
class Rule:
    segment: str
    min_tier: int
    min_balance: Decimal
    min_score: int


PREMIUM = Rule("premium", 3, Decimal(10_000), 60)
STANDARD = Rule("standard", 2, Decimal(100), 30)


@pytest.mark.parametrize(
    ("days", "points"),
    [
        (None, 0), (-1, 40), (0, 40), (30, 40), (31, 30), (90, 30), (91, 20),
        (180, 20), (181, 10), (365, 10), (366, 0), (20_000, 0),
    ],
)  # fmt: skip
def test_recency(days: int | None, points: int) -> None:
    assert score(usage(days=days), on=ON) == Points(points, 0, 0)


@pytest.mark.parametrize(("days", "counts"), [(-1, True), (90, True), (91, False)])
def test_use_counts_as_long_as_its_days_are_of_late(*, days: int, counts: bool) -> None:
    assert is_current_use(ON - timedelta(days=days), on=ON) is counts


@pytest.mark.parametrize(
    ("operations", "points"),
    [(0, 0), (1, 10), (3, 10), (4, 20), (11, 20), (12, 30), (10**12, 30)],
)
def test_frequency(operations: int, points: int) -> None:
    assert score(usage(operations=operations), on=ON) == Points(0, points, 0)


@pytest.mark.parametrize(
    ("products", "points"), [(0, 0), (1, 10), (2, 20), (3, 30), (900, 30)]
)
def test_products(products: int, points: int) -> None:
    assert score(usage(products=products), on=ON) == Points(0, 0, points)


def test_the_score_is_the_sum_and_never_above_100() -> None:
    best = usage(days=0, operations=99, products=9)
    assert score(best, on=ON).score == 100
    for days, many, held in product((None, 40, 200), (0, 5), (0, 2)):
        points = score(usage(days=days, operations=many, products=held), on=ON)
        assert points.score == points.recency + points.frequency + points.products


@pytest.mark.parametrize(
    ("tier", "balance", "points", "segment"),
    [
        (3, "10000", 60, "premium"), (4, "10000.01", 100, "premium"),
        (2, "10000", 60, "standard"), (3, "9999.99", 60, "standard"),
        (3, "10000", 59, "standard"), (2, "100", 30, "standard"),
        (1, "10000", 100, "basic"), (2, "99.99", 100, "basic"), (4, "100", 29, "basic"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("rules", [(PREMIUM, STANDARD), (STANDARD, PREMIUM)])
def test_the_best_segment_whose_demands_are_all_met(
    tier: int, balance: str, points: int, segment: str, rules: tuple[Rule, Rule]
) -> None:
    asked = usage(tier=tier, balance=balance)
    assert segment_of(asked, Points(points, 0, 0), rules) == segment


def test_without_rules_everybody_is_basic() -> None:
    assert segment_of(usage(tier=4), Points(40, 30, 30), ()) == Segment.BASIC


def test_what_is_kept_is_plain_and_comes_out_alike() -> None:
    first = Standing.of(usage(balance="100.50"), (PREMIUM,), on=ON).kept()
    second = Standing.of(usage(balance="100.500"), (PREMIUM,), on=ON).kept()
    assert first == second
    assert first["components"]["balance"] == "100.5"
    zero = Standing.of(usage(balance="0.00"), (PREMIUM,), on=ON).kept()
    assert zero["components"]["balance"] == "0"
