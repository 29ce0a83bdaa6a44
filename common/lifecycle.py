"""Status arrows as methods: `@transition(Status.ACTIVE, to=Status.SUSPENDED)`."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db import models

from common.errors import IllegalTransitionError

Row = TypeVar("Row", bound=models.Model)
Arguments = ParamSpec("Arguments")
Fact = TypeVar("Fact")


def transition(
    *sources: models.TextChoices, to: models.TextChoices, field: str = "status"
) -> Callable[
    [Callable[Concatenate[Row, Arguments], Fact]],
    Callable[Concatenate[Row, Arguments], Fact | None],
]:
    """Let the verb move `field` from any of `sources` to `to`.

    Returns the verb's event; None when the row stands at `to` already (asking
    twice is no error). Raises IllegalTransitionError from any status not named.
    """

    def decorate(
        verb: Callable[Concatenate[Row, Arguments], Fact],
    ) -> Callable[Concatenate[Row, Arguments], Fact | None]:
        @wraps(verb)
        def move(
            row: Row, /, *args: Arguments.args, **kwargs: Arguments.kwargs
        ) -> Fact | None:
            here = getattr(row, field)
            if here == to and to not in sources:
                return None
            if here not in sources:
                raise IllegalTransitionError(_refusal(row, verb.__name__, field, here))
            event = verb(row, *args, **kwargs)
            setattr(row, field, to)
            return event

        move.arrow = Arrow(sources, to, field)  # type: ignore[attr-defined]
        return move

    return decorate


class Arrow:
    """Where a verb may start and where it ends; lifecycle tests read it."""

    def __init__(self, sources: tuple[Any, ...], to: Any, field: str) -> None:
        self.sources, self.to, self.field = sources, to, field


def _refusal(row: models.Model, verb: str, field: str, here: str) -> str:
    words = verb.replace("_", " ")
    name = field.replace("_", " ")
    kind = row._meta.verbose_name  # noqa: SLF001 - Django's public way to the name
    return f"Cannot {words}: {kind} {row} has {name} “{here}”."
