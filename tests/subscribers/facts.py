"""Facts that nothing else happens after."""

from dataclasses import dataclass
from typing import ClassVar

from events.events import Event


@dataclass(frozen=True, kw_only=True)
class LampLit(Event):
    customer_id: str = ""


@dataclass(frozen=True, kw_only=True)
class LampHidden(Event):
    is_restricted: ClassVar[bool] = True

    customer_id: str = ""
