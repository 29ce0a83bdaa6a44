"""The customer page is a board: apps above pin panels, needs and buttons on it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from common.face import Label
from customers.registry.models import Customer
from tenants.models import User


@dataclass(frozen=True, kw_only=True)
class PanelView:
    """What a panel shows: rows as face/_row.html takes them, or a template."""

    note: str = ""
    verb: str = ""
    url: str = ""
    is_dialog: bool = False
    rows: list[dict[str, Any]] = field(default_factory=list)
    template: str = ""
    context: dict[str, Any] = field(default_factory=dict)
    empty_fact: str = ""
    empty_advice: str = ""
    is_wide: bool = False
    is_troubled: bool = False


@dataclass(frozen=True, kw_only=True)
class Panel:
    """`build` returns None where the panel has nothing to say about this customer."""

    key: str
    title: str
    permission: str
    build: Callable[[Customer, User], PanelView | None]
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class MissingItem:
    """One thing that is missing; the row ends in its verb."""

    title: str
    label: Label
    note: str = ""
    verb: str = ""
    url: str = ""
    is_dialog: bool = False


@dataclass(frozen=True, kw_only=True)
class Deed:
    """A button of the page. The lowest `order` becomes the primary one."""

    title: str
    url: str
    is_dialog: bool = True
    order: int = 100
    icon: str = ""
    is_primary: bool = False
    is_danger: bool = False


Needs = Callable[[Customer, User], Iterable[MissingItem]]
Deeds = Callable[[Customer, User], Iterable[Deed]]

_panels: dict[str, Panel] = {}
_needs: list[Needs] = []
_deeds: list[Deeds] = []
_waits: list[Callable[[list[Customer]], dict[Any, str]]] = []


def pin(panel: Panel) -> None:
    """Put a panel on the page of every customer."""
    _panels[panel.key] = panel


def needs(provider: Needs) -> Needs:
    """Let an app say what is missing."""
    _needs.append(provider)
    return provider


def deeds(provider: Deeds) -> Deeds:
    """Let an app offer buttons; each checks its own permission again when pressed."""
    _deeds.append(provider)
    return provider


def waits(
    provider: Callable[[list[Customer]], dict[Any, str]],
) -> Callable[[list[Customer]], dict[Any, str]]:
    """Let an app say, for a page of the list at once, what customers wait for."""
    _waits.append(provider)
    return provider


def panels_for(customer: Customer, user: User) -> list[tuple[Panel, PanelView]]:
    """The panels this user may see, troubled ones first."""
    shown = [
        (panel, view)
        for panel in sorted(_panels.values(), key=lambda p: p.order)
        if user.has_perm(panel.permission) and (view := panel.build(customer, user))
    ]
    return sorted(shown, key=lambda pair: not pair[1].is_troubled)


def missing_for(customer: Customer, user: User) -> list[MissingItem]:
    return [item for provider in _needs for item in provider(customer, user)]


def deeds_for(customer: Customer, user: User) -> list[Deed]:
    found = [deed for provider in _deeds for deed in provider(customer, user)]
    return sorted(found, key=lambda deed: deed.order)


def waits_for(customers: list[Customer]) -> dict[Any, str]:
    """What each of these customers waits for, by primary key; one query an app."""
    found: dict[Any, str] = {}
    for provider in _waits:
        for key, words in provider(customers).items():
            found.setdefault(key, words)
    return found
