"""The fact that the slow handler waits for."""

from dataclasses import dataclass

from events.events import Event


@dataclass(frozen=True, kw_only=True)
class StoneThrown(Event):
    """`dies` says where the first try stops: "before" or "after" its effect, or ""."""

    key: str
    dies: str = ""
    folder: str
