"""Deep in the stack a call costs no memory of its own, wherever a piece of it ends."""

import resource
from typing import Any

from config.running.stack import with_room

DEEP, CALLS = 400, 300


def leaf(given: int) -> int:
    return given


# So large that it does not fit into what is left of a piece at one depth in seven.
leaf.__code__ = leaf.__code__.replace(co_stacksize=300)


def at(depth: int) -> int:
    """Page faults of many small calls, so deep."""
    if depth:
        return at(depth - 1)
    before = _faults()
    for number in range(CALLS):
        leaf(number)
    return _faults() - before


def _faults() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def worst() -> int:
    return max(at(depth) for depth in range(DEEP))


def test_no_depth_makes_calls_dear() -> None:
    with_room(worst)()  # what is used for the first time costs a page
    assert with_room(worst)() < CALLS / 2


def test_it_hands_on_what_it_gets_and_gives_what_it_got() -> None:
    def application(environ: Any, start: Any) -> list[Any]:
        return [environ, start]

    assert with_room(application)("environ", "start") == ["environ", "start"]
