"""The rows of a panel about things: how each stands, and what can be done with it."""

from dataclasses import dataclass, field

from common.face import Label


@dataclass
class Verb:
    title: str
    url: str
    is_dialog: bool = True
    is_danger: bool = False


@dataclass
class Row:
    """One line of face/_thing.html; `verb` is shown, the others are in its menu."""

    icon: Label
    title: str
    meta: str
    note: str = ""
    url: str = ""
    same: Label | None = None
    verb: Verb | None = None
    menu: list[Verb] = field(default_factory=list)
