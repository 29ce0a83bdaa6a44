"""The board of exact keys: apps above say by what else a customer is found."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from customers.registry.search.reading import Reading

# The ids of customers, or None where the text is no such thing and nothing is asked.
Asked = QuerySet[Any, UUID] | None


@dataclass(frozen=True)
class Key:
    """One way to find customers by exact text.

    `why` is what staff read beside a hit. `ids` gets the institution, None meaning
    all of them: whoever asks scopes the customers. It finds nothing for users without
    `permission`, where there is one.
    """

    why: str
    ids: Callable[[Reading, UUID | None], Asked]
    permission: str = ""


_KEYS: list[Key] = []


def register_key(key: Key) -> None:
    """Ask this key too, from now on."""
    _KEYS.append(key)


def keys_for(user: Any) -> Iterator[Key]:
    """List the keys that `user` may ask; without a user, those that everybody may."""
    for key in _KEYS:
        if not key.permission or (user is not None and user.has_perm(key.permission)):
            yield key
