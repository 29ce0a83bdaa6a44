"""Room for Python's stack, so that no page is slow by chance."""

from collections.abc import Callable
from typing import Any

SLOTS = 66_000  # of eight bytes: for CPython a piece of 1 MiB, half of it left over


def with_room(call: Callable[..., Any]) -> Callable[..., Any]:
    """Call as before, on a stack that needs no further piece; see decision 0024.

    CPython keeps frames in pieces of 16 KiB and gives a piece back when its last frame
    returns. A loop at the end of a piece makes and drops another with every call: the
    list of customers took 29 or 53 ms, by how deep it was called and nothing else.
    Here the first frame asks for so much that all others fit into its piece.
    """

    def serve(*given: Any) -> Any:
        return call(*given)

    serve.__code__ = serve.__code__.replace(co_stacksize=SLOTS)
    return serve
