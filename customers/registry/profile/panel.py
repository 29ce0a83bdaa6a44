"""What the profile shows on the customer page: its panel, and what is missing."""

from typing import Any

from django.urls import reverse

from common.face import Label
from customers.registry import customer_page
from customers.registry.choices import LIVING
from customers.registry.customer_page import MissingItem, Panel, PanelView
from customers.registry.models import Customer
from customers.registry.profile.completeness import Missing, shown_above
from customers.registry.profile.labels import answers_in_words
from customers.registry.profile.questions import asked_of, profile_of, wanted_of
from tenants.models import User

ORDER = 60  # after what troubles, before the machinery
MISSING = Label("Missing", "quiet")


def build_profile(customer: Customer, user: User) -> PanelView | None:
    """The answers, each missing one with the way to its field; companies have none."""
    asked = asked_of(customer)
    if not asked:
        return None
    profile = profile_of(customer)
    words = answers_in_words(customer, profile)
    wanted = {q.key for q in wanted_of(customer, profile)}
    shown = [q for q in asked if words[q.key] or q.key in wanted]
    may = _may_edit(customer, user)
    rows = [
        {"title": q.label, "value": words[q.key]}
        if words[q.key]
        else _missing_row(customer, Missing(q.key, q.label, "profile"), may=may)
        for q in shown
    ]
    return PanelView(
        note=f"{sum(bool(words[q.key]) for q in shown)} of {len(shown)}",
        verb="Edit profile" if may else "",
        url=_page(customer, "profile") if may else "",
        rows=rows,
    )


def missing_items(
    customer: Customer, user: User, missing: tuple[Missing, ...]
) -> list[MissingItem]:
    """A row for each thing that is missing; those of the profile share one.

    The panel lists them singly: nine more rows would push the verdict off the page.
    """
    may = _may_edit(customer, user)
    own = [item for item in missing if item.page == "edit"]
    items = [_item(customer, item.label, item, may=may) for item in own]
    if rest := [item for item in missing if item.page == "profile"]:
        names = [item.label.lower() for item in rest]
        more = f" and {len(names) - 2} more" if len(names) > 2 else ""
        note = f"{', '.join(names[:2])}{more}"
        items.append(_item(customer, "Profile", rest[0], may=may, note=note))
    return items + shown_above(customer, user, missing)


def _item(
    customer: Customer, title: str, item: Missing, *, may: bool, note: str = ""
) -> MissingItem:
    return MissingItem(
        title=title,
        label=MISSING,
        note=note,
        verb="Add" if may else "",
        url=_field_url(customer, item) if may else "",
    )


def _missing_row(customer: Customer, item: Missing, *, may: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"title": item.label, "note": "missing"}
    if may:
        row |= {"verb": "Add", "verb_url": _field_url(customer, item)}
    return row


def _may_edit(customer: Customer, user: User) -> bool:
    return customer.status in LIVING and user.has_perm("registry.update_customer")


def _field_url(customer: Customer, item: Missing) -> str:
    return f"{_page(customer, item.page)}#{item.anchor}"


def _page(customer: Customer, name: str) -> str:
    return reverse(f"admin:registry_customer_{name}", args=[customer.pk])


def pin_panel() -> None:
    customer_page.pin(
        Panel(
            key="profile",
            title="Profile",
            permission="registry.view_customer",
            build=build_profile,
            order=ORDER,
        )
    )
