"""The rules of §9 as pure functions: use to a score, and a score to a segment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Protocol

from customers.risk.choices import Segment

# Up to so many days since the last activity: points of 40.
RECENCY = ((30, 40), (90, 30), (180, 20), (365, 10))
# From so many operations on: points of 30.
FREQUENCY = ((12, 30), (4, 20), (1, 10))
# From so many open products on: points of 30.
PRODUCTS = ((3, 30), (2, 20), (1, 10))
MOST = {"recency": 40, "frequency": 30, "products": 30}
# A report says how much a product was used in the 90 days before it. Once it is older
# than they are, none of those days is among the latest 90, and it says nothing more
# of a customer’s use today.
USE_HOLDS = timedelta(days=90)


def is_current_use(reported_on: date, *, on: date) -> bool:
    """Whether use reported on that day still counts; later reports do."""
    return on - reported_on <= USE_HOLDS


@dataclass(frozen=True)
class Usage:
    """What is counted of a customer; `last_on` None without any activity.

    `balance` is in the institution’s currency; other money is not converted.
    """

    tier: int
    last_on: date | None
    operations: int
    products: int
    balance: Decimal


@dataclass(frozen=True)
class Points:
    """Each part of the score."""

    recency: int
    frequency: int
    products: int

    @property
    def score(self) -> int:
        return self.recency + self.frequency + self.products


class Demands(Protocol):
    """A row of SegmentRule, as far as it is compared."""

    segment: str
    min_tier: int
    min_balance: Decimal
    min_score: int


def score(usage: Usage, *, on: date) -> Points:
    """Rate what is counted, 0 to 100 in all."""
    return Points(
        recency=_recency(usage.last_on, on),
        frequency=_from(FREQUENCY, usage.operations),
        products=_from(PRODUCTS, usage.products),
    )


def _recency(last_on: date | None, on: date) -> int:
    if last_on is None:
        return 0
    days = (on - last_on).days
    return next((points for upto, points in RECENCY if days <= upto), 0)


def _from(steps: tuple[tuple[int, int], ...], number: int) -> int:
    return next((points for least, points in steps if number >= least), 0)


def segment_of(usage: Usage, points: Points, rules: Iterable[Demands]) -> Segment:
    """The best segment all of whose demands are met; basic asks for nothing."""
    best = sorted(rules, key=lambda rule: Segment.values.index(rule.segment))
    for rule in best:
        if (
            usage.tier >= rule.min_tier
            and usage.balance >= rule.min_balance
            and points.score >= rule.min_score
        ):
            return Segment(rule.segment)
    return Segment.BASIC


@dataclass(frozen=True)
class Standing:
    """Where the rules put a customer; compared with what is stored."""

    usage: Usage
    points: Points
    segment: Segment

    @classmethod
    def of(cls, usage: Usage, rules: Iterable[Demands], *, on: date) -> "Standing":
        points = score(usage, on=on)
        return cls(usage, points, segment_of(usage, points, rules))

    def kept(self) -> dict[str, Any]:
        """The columns of Engagement that follow."""
        usage, points = self.usage, self.points
        return {
            "score": points.score,
            "segment": self.segment.value,
            "components": {
                "last_on": usage.last_on.isoformat() if usage.last_on else None,
                "operations": usage.operations,
                "products": usage.products,
                "balance": f"{usage.balance.normalize():f}",
                "tier": usage.tier,
                "points": {
                    "recency": points.recency,
                    "frequency": points.frequency,
                    "products": points.products,
                },
            },
        }
