"""The customer page is a board: apps above pin panels, needs and buttons on it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import FilteredRelation, QuerySet, Value

from common.face import Label
from common.memory import asked_once
from customers.registry.models import Customer
from events.models import RecordedEvent
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


LATELY = 30  # events read for the page: its timeline, and what panels look for
Needs = Callable[[Customer, User], Iterable[MissingItem]]
Deeds = Callable[[Customer, User], Iterable[Deed]]
Waits = Callable[[list[Customer], User], dict[Any, str]]

_panels: dict[str, Panel] = {}
_along: list[str] = ["profile"]
_picked: dict[str, FilteredRelation] = {}
_needs: list[Needs] = []
_deeds: list[Deeds] = []
_waits: list[Waits] = []


def read_along(relation: str) -> None:
    """Read a row that each customer has one of together with the customer."""
    _along.append(relation)


def read_along_one(name: str, of: FilteredRelation, *more: str) -> None:
    """Read the one row of many that `of` picks, as `customer.name`; absent without one.

    `more` are relations of that row to read with it.
    """
    _picked[name] = of
    _along.extend([name, *(f"{name}__{each}" for each in more)])


def with_relations(rows: QuerySet[Any]) -> QuerySet[Any]:
    # Django writes its alias into the condition that it is given.
    picked = {name: of.clone() for name, of in _picked.items()}
    marked = rows.annotate(is_read_along=Value(value=True), **picked)
    found: QuerySet[Any] = marked.select_related("tenant", *_along)
    return found


def is_read_along(customer: Customer) -> bool:
    """Whether the customer came by `with_relations`; Django sets no name for None."""
    return getattr(customer, "is_read_along", False)


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


def waits(provider: Waits) -> Waits:
    """Let an app say, for a page of the list at once, what customers wait for.

    Each says only what this user may know.
    """
    _waits.append(provider)
    return provider


def timeline_of(customer: Customer, user: User) -> Any:
    """Events about the customer, newest first; restricted ones only to who may."""
    rows = RecordedEvent.objects.filter(
        subject_id=str(customer.pk), tenant_id=customer.tenant_id
    ).select_related("actor")
    if not user.has_perm("registry.view_task"):
        rows = rows.filter(is_restricted=False)
    return rows.order_by("-created_at", "-id")


@asked_once
def lately(customer: Customer, user: User) -> list[RecordedEvent]:
    """The newest of them."""
    return list(timeline_of(customer, user)[:LATELY])


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


def waits_for(customers: list[Customer], user: User) -> dict[Any, str]:
    """What each of these customers waits for, by primary key; one query an app.

    What this user may not know is unsaid, and hides nothing that they may.
    """
    found: dict[Any, str] = {}
    for provider in _waits:
        for key, words in provider(customers, user).items():
            found.setdefault(key, words)
    return found
