"""How often is too often: two windows, nothing lost, and a wait that is right."""

from typing import Any

import pytest
from django.core.cache import cache

from common.observing import paces
from common.observing.paces import Pace

PACE = Pace("test", most=4, seconds=60)
BEGIN = 600_000 * 60.0  # of a window


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    class Clock:
        at = BEGIN

        def time(self) -> float:
            return self.at

    found = Clock()
    monkeypatch.setattr(paces, "time", found)
    cache.clear()
    return found


def test_so_many_and_no_more(clock: Any) -> None:
    assert [PACE.take("a") for _ in range(4)] == [0, 0, 0, 0]
    wait = PACE.take("a")
    assert wait > 0
    assert PACE.take("b") == 0, "somebody else"
    assert Pace("other", 4, 60).take("a") == 0, "something else"
    clock.at += wait - 0.01
    assert PACE.take("a") > 0
    clock.at += 0.02
    assert PACE.take("a") == 0


def test_who_is_refused_is_not_counted(clock: Any) -> None:
    for _ in range(50):
        PACE.take("a")
    clock.at += 60 + 30  # half of the four lie within the last minute still
    assert [PACE.take("a") > 0 for _ in range(3)] == [False, False, True]


def test_the_end_of_a_window_is_no_gap(clock: Any) -> None:
    clock.at += 59
    assert [PACE.take("a") for _ in range(4)] == [0, 0, 0, 0]
    clock.at += 2
    wait = PACE.take("a")
    assert wait == pytest.approx(14), "one in fifteen seconds, as four in a minute"
    clock.at += wait + 0.01
    assert PACE.take("a") == 0


def test_one_long_away_is_forgotten(clock: Any) -> None:
    for _ in range(4):
        PACE.take("a")
    clock.at += 120
    assert [PACE.take("a") for _ in range(4)] == [0, 0, 0, 0]


def test_a_cache_that_was_emptied_refuses_nobody(
    clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    del clock

    def gone(*_: Any, **__: Any) -> int:
        raise ValueError

    monkeypatch.setattr(cache, "incr", gone)
    assert [PACE.take("a") for _ in range(9)] == [0] * 9


@pytest.mark.parametrize(
    ("text", "most", "seconds"),
    [("600/min", 600, 60), ("4/hour", 4, 3600), ("1/s", 1, 1), ("9/day", 9, 86_400)],
)
def test_as_it_is_written(text: str, most: int, seconds: int) -> None:
    assert Pace.written("x", text) == Pace("x", most, seconds)
