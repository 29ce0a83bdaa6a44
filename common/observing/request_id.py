"""The id of the request that caused what runs now: in log lines, in events, in answers.

It follows from the web into the workers by the row of the event, and from event to
event that a handler causes.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models

from common.keys import new_id

MOST = 64  # characters; as long as the ids that proxies make
_SANE = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{7,{MOST - 1}}}", re.ASCII)
_present: ContextVar[str | None] = ContextVar("request_id", default=None)


def present_request_id() -> str | None:
    """The id in whose name we act; None where nobody asked, as in a shell."""
    return _present.get()


def made_request_id() -> str:
    return new_id().hex


def is_sane(text: str) -> bool:
    """Whether an id that came from outside may stand in logs and headers."""
    return bool(_SANE.fullmatch(text))


@contextmanager
def caused_by(request_id: str | None) -> Iterator[None]:
    """Let everything inside the block bear the id."""
    token = _present.set(request_id)
    try:
        yield
    finally:
        _present.reset(token)


class RequestIdField(models.CharField):  # type: ignore[type-arg]
    """Takes the present id when a row is inserted, however that is done by the ORM.

    Migrations see a plain CharField.
    """

    def __init__(self, **kwargs: Any) -> None:
        usual = {"max_length": MOST, "null": True, "editable": False}
        super().__init__(**{**usual, **kwargs})

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        if add and getattr(model_instance, self.attname) is None:
            setattr(model_instance, self.attname, present_request_id())
        return super().pre_save(model_instance, add)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs
