"""The board on which apps above say what they know, for whoever assesses risk."""

from collections.abc import Callable, Iterable

from customers.registry.models import Customer
from tenants.models import User

Known = Callable[[Customer, User], Iterable[str]]
_known: list[Known] = []


def known(provider: Known) -> Known:
    """Let an app put lines under *What we know*; it leaves out what `user` may not."""
    if provider not in _known:
        _known.append(provider)
    return provider


def known_of(customer: Customer, user: User) -> list[str]:
    return [line for provider in _known for line in provider(customer, user)]
