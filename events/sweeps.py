"""Named sweeps: each is one command of some app that beat starts by the clock."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Sweep:
    """`every` is in seconds; the command is harmless to run twice and side by side."""

    name: str
    every: float
    command: Callable[[], object]


SWEEPS: dict[str, Sweep] = {}


def sweep(
    name: str, *, every: float
) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Let beat run the command every so many seconds."""

    def register(command: Callable[[], object]) -> Callable[[], object]:
        SWEEPS[name] = Sweep(name, every, command)
        return command

    return register
