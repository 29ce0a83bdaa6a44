"""The board on which apps put buttons above a list; the lists never learn who did."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True)
class Tool:
    """A button that opens a dialog."""

    verb: str
    icon: str
    url: str


Offer = Callable[[HttpRequest, Any], Tool | None]
_offers: list[Offer] = []


def tool(offer: Offer) -> Offer:
    """Ask `offer(request, changelist)` for a button of every list."""
    _offers.append(offer)
    return offer


def tools_for(request: HttpRequest, changelist: Any) -> list[Tool]:
    found = (offer(request, changelist) for offer in _offers)
    return [each for each in found if each]
