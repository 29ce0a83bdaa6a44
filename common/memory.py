"""One page asks the database the same thing once, however many of its parts want it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
_memory: ContextVar[dict[Any, Any] | None] = ContextVar("page memory", default=None)


@contextmanager
def one_page() -> Iterator[None]:
    """While a page is put together, `asked_once` remembers; nothing may change then."""
    token = _memory.set({})
    try:
        yield
    finally:
        _memory.reset(token)


def asked_once(read: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """Remember the answer for the rest of the page, by what it was asked about.

    Outside `one_page`, in commands above all, every call asks the database.
    """

    @wraps(read)
    def ask(*args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        memory = _memory.get()
        if memory is None:
            return read(*args, **kwargs)
        key = (read, args, tuple(kwargs.items()))
        if key not in memory:
            memory[key] = read(*args, **kwargs)
        answer: Answer = memory[key]
        return answer

    return ask
