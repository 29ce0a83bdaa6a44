"""How a customer gets evidence: apps above say the verb, the tier panel shows it."""

from collections.abc import Callable
from dataclasses import dataclass

from customers.registry.models import Customer
from customers.tiers.models import EvidenceKind
from tenants.models import User


@dataclass(frozen=True)
class Way:
    """The verb that brings a kind of evidence, and where it leads; "" is none."""

    verb: str = ""
    url: str = ""
    is_dialog: bool = False


WayTo = Callable[[Customer, EvidenceKind, User], Way]
_ways: dict[EvidenceKind, WayTo] = {}


def way_to(*kinds: EvidenceKind) -> Callable[[WayTo], WayTo]:
    """Let an app say how kinds are got; an empty Way where this user may not."""

    def register(provider: WayTo) -> WayTo:
        _ways.update(dict.fromkeys(kinds, provider))
        return provider

    return register


def way_for(customer: Customer, kind: EvidenceKind, user: User) -> Way:
    provider = _ways.get(kind)
    return provider(customer, kind, user) if provider else Way()
