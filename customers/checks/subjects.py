"""What is told of a customer to whoever is asked, and which addresses there are."""

from dataclasses import dataclass

from common.errors import DomainError
from customers.contacts.choices import Kind as ContactKind
from customers.contacts.models import Address, contacts_of
from customers.registry.models import Customer

HOME = "home"  # the address of the pack's form, whatever the pack calls it
# What tells two of a name apart. ID and tax numbers stay here.
_TELLING = ("birth_date", "nationality", "registration_number", "country")


@dataclass(frozen=True)
class Place:
    """`key` names it in forms; `address` is None for that of the pack's form."""

    key: str
    words: str
    address: Address | None = None


def places_of(customer: Customer) -> list[Place]:
    """The address of the form first, then the contacts."""
    home = str(customer.details.get("address") or "")
    found = [Place(HOME, home)] if home else []
    listed = contacts_of(ContactKind.ADDRESS, customer.pk)
    return [*found, *(Place(str(each.pk), each.shown, each) for each in listed)]


def place_named(customer: Customer, key: str) -> Place:
    """Raises DomainError where the customer has no such address today."""
    found = next((each for each in places_of(customer) if each.key == key), None)
    if found is None:
        message = "Choose one of the customer’s addresses; the list may have changed."
        raise DomainError(message, field="address")
    return found


def home_of(customer: Customer) -> Place:
    """For a bureau, which wants some address to find the file by; "" where none is."""
    return Place(HOME, str(customer.details.get("address") or ""))


def subject_of(customer: Customer, place: Place) -> dict[str, str]:
    """The little that is told, as it stands today."""
    details = customer.details
    known = {key: str(details[key]) for key in _TELLING if details.get(key)}
    place_words = {"address": place.words} if place.words else {}
    return {"name": customer.name, **known, **place_words}
