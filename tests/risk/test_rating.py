"""The rule of §9 against a table of every combination, and what follows from it."""

from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from common.reading.countries import COUNTRIES
from customers.registry.choices import Risk
from customers.risk.choices import Answer
from customers.risk.index import rating_of, scores
from customers.risk.rating import diligence_of, rate, review_due

# By how many High, how many Medium; more of either changes nothing.
TABLE = {
    (0, 0): "low", (0, 1): "low", (0, 2): "medium", (0, 3): "medium", (0, 4): "medium",
    (1, 0): "high", (1, 1): "high", (1, 2): "high", (1, 3): "high",
    (2, 0): "high", (2, 1): "high", (2, 2): "high",
    (3, 0): "high", (3, 1): "high", (4, 0): "high",
}  # fmt: skip


@pytest.mark.parametrize("length", range(5))
def test_every_combination_of_answers(length: int) -> None:
    for answers in product(Answer.values, repeat=length):
        counts = (answers.count("high"), answers.count("medium"))
        assert rate(answers) == TABLE[counts], answers


def test_a_generator_is_read_whole() -> None:
    assert rate(answer for answer in ("medium", "low", "medium")) == Risk.MEDIUM


@pytest.mark.parametrize(
    ("risk", "diligence", "due"),
    [
        (Risk.LOW, "standard", date(2029, 11, 21)),
        (Risk.MEDIUM, "standard", date(2028, 11, 21)),
        (Risk.HIGH, "enhanced", date(2027, 11, 21)),
    ],
)
def test_a_rating_sets_depth_and_term(risk: Risk, diligence: str, due: date) -> None:
    assert diligence_of(risk) == diligence
    assert review_due(risk, date(2026, 11, 21)) == due


def test_a_leap_day_has_a_day_a_year_later() -> None:
    assert review_due(Risk.HIGH, date(2028, 2, 29)) == date(2029, 2, 28)
    assert review_due(Risk.LOW, date(2026, 12, 31)) == date(2029, 12, 31)


@pytest.mark.parametrize(
    ("score", "rating"),
    [("0", "low"), ("5", "low"), ("5.00", "low"), ("5.01", "medium"),
     ("6.00", "medium"), ("6.01", "high"), ("10", "high")],
)  # fmt: skip
def test_the_bounds_of_the_index_are_exact(score: str, rating: str) -> None:
    assert rating_of(Decimal(score)) == rating


def test_the_shipped_scores_are_of_countries_and_between_0_and_10() -> None:
    assert scores().keys() <= COUNTRIES.keys()
    assert all(0 <= score <= 10 for score in scores().values())
