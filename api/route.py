"""One line that describes a route: its name, its answer, its refusals, who may."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiExample, extend_schema

from api.description import refusals

Route = TypeVar("Route", bound=Callable[..., Any])


def route(
    name: str, answer: Any, *, status: int = 200, asks: Any = None,
    asked: Sequence[Any] = (), refuses: Sequence[int] = (404,), permission: str = "",
    words: str = "", example: dict[str, Any] | None = None,
) -> Callable[[Route], Route]:  # fmt: skip
    """Describe a method of a view; `answer` may be a mapping of all its good answers.

    `asks` is the body, `asked` are parameters of the address. `permission` is said
    where it is not the route's own name.
    """
    good = answer if isinstance(answer, dict) else {status: answer}
    examples = []
    if example is not None:
        examples.append(OpenApiExample("Asked", value=example, request_only=True))
    return extend_schema(
        operation_id=name,
        request=asks,
        description=words or None,
        parameters=list(asked) or None,
        responses={**good, **refusals(*refuses)},
        examples=examples,
        extensions={"x-permission": permission} if permission else None,
    )
