"""How much of what pack and profile ask for is on file, and what is not."""

from collections.abc import Iterator
from dataclasses import dataclass

from customers.registry.forms import form_name
from customers.registry.models import Customer
from customers.registry.profile.questions import QUESTIONS, profile_of, wanted_of

_OF_PROFILE = frozenset(question.key for question in QUESTIONS)


@dataclass(frozen=True)
class Missing:
    """One thing the file lacks, and the field at which it is filled in.

    `page` is "edit" or "profile", the last part of the page's address.
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


def completeness(customer: Customer) -> Completeness:
    """Count what is on file, 0 to 100; rounded down, so that 100 means all of it."""
    asked = list(_asked(customer))
    missing = tuple(item for item, value in asked if not value)
    return Completeness(100 * (len(asked) - len(missing)) // len(asked), missing)


def _asked(customer: Customer) -> Iterator[tuple[Missing, str]]:
    """Everything asked for, with what is on file."""
    yield Missing("email", "E-mail"), customer.email
    yield Missing("phone", "Phone"), customer.phone
    for field in customer.pack_form.fields:
        is_of_profile = customer.is_individual and field.key in _OF_PROFILE
        if field.required or is_of_profile:
            answer = str(customer.details.get(field.key) or "")
            yield Missing(form_name(field.key), field.label), answer
    profile = profile_of(customer)
    for question in wanted_of(customer, profile):
        answer = str(getattr(profile, question.key, ""))
        yield Missing(question.key, question.label, "profile"), answer
