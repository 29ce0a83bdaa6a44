"""How much of what pack, profile and tier ask for is on file, and what is not."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from customers.registry.customer_page import MissingItem
from customers.registry.forms import form_name, is_needed
from customers.registry.models import Customer
from customers.registry.profile.questions import QUESTIONS, profile_of, wanted_of
from tenants.models import User

_OF_PROFILE = frozenset(question.key for question in QUESTIONS)


@dataclass(frozen=True)
class Missing:
    """One thing the file lacks, and the field at which it is filled in.

    `page` is "edit" or "profile", the last part of the page's address, or the name
    under which an app above asks.
    """

    field: str
    label: str
    page: str = "edit"

    @property
    def anchor(self) -> str:
        return f"id_{self.field}"


@dataclass(frozen=True)
class Completeness:
    percent: int
    missing: tuple[Missing, ...]


Asked = Callable[[Customer], Iterable[tuple[Missing, object]]]
Shown = Callable[[Customer, User, Missing], MissingItem | None]


@dataclass(frozen=True)
class Asker:
    """What an app above asks for, with what is on file, and its row on the page.

    `shown` gives no row where the page says the same thing elsewhere.
    """

    asked: Asked
    shown: Shown


_askers: dict[str, Asker] = {}


def ask_besides(page: str, asked: Asked, shown: Shown) -> None:
    """Let an app above ask for more; its items have this `page`.

    Of nobody registered yet it must not look for anything in the database.
    """
    _askers[page] = Asker(asked, shown)


def shown_above(
    customer: Customer, user: User, missing: Iterable[Missing]
) -> list[MissingItem]:
    """The rows of what apps above ask for."""
    asked = [item for item in missing if item.page in _askers]
    rows = (_askers[item.page].shown(customer, user, item) for item in asked)
    return [row for row in rows if row]


def completeness(customer: Customer) -> Completeness:
    """Count what is on file, 0 to 100; rounded down, so that 100 means all of it."""
    asked = list(_asked(customer))
    missing = tuple(item for item, value in asked if not value)
    return Completeness(100 * (len(asked) - len(missing)) // len(asked), missing)


def _asked(customer: Customer) -> Iterator[tuple[Missing, object]]:
    """Everything asked for, with what is on file."""
    yield Missing("email", "E-mail"), customer.email
    yield Missing("phone", "Phone"), customer.phone
    for field in customer.pack_form.fields:
        is_of_profile = customer.is_individual and field.key in _OF_PROFILE
        if is_needed(field) or is_of_profile:
            answer = str(customer.details.get(field.key) or "")
            yield Missing(form_name(field.key), field.label), answer
    profile = profile_of(customer)
    for question in wanted_of(customer, profile):
        answer = str(getattr(profile, question.key, ""))
        yield Missing(question.key, question.label, "profile"), answer
    for asker in _askers.values():
        yield from asker.asked(customer)
