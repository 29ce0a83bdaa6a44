"""Segments as shape and word, and each part of the score in plain words."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from common.face import Label, Tone
from common.money import format_money
from customers.risk.choices import Segment
from customers.risk.models import Engagement, SegmentRule
from customers.risk.segments.rule import MOST

_TONES: dict[str, Tone] = {
    Segment.PREMIUM: "good",
    Segment.STANDARD: "quiet",
    Segment.BASIC: "quiet",
}


def segment_label(segment: str) -> Label:
    return Label(str(Segment(segment).label), _TONES[segment])


def part_words(row: Engagement, today: date) -> Iterator[tuple[str, str]]:
    """Each part and what it comes to: "Last activity 12 days ago", "40 of 40"."""
    said = row.components
    last = date.fromisoformat(said["last_on"]) if said["last_on"] else None
    words = {
        "recency": _recency(last, today),
        "frequency": _many(said["operations"], "operation"),
        "products": _many(said["products"], "open product"),
    }
    for part, most in MOST.items():
        yield words[part], f"{said['points'][part]} of {most}"


def _recency(last: date | None, today: date) -> str:
    if last is None:
        return "No activity yet"
    days = (today - last).days
    if days <= 0:
        return "Last activity today"
    return f"Last activity {days:,} day{'s' if days > 1 else ''} ago"


def _many(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def balance_words(row: Engagement, currency: str) -> str:
    return format_money(Decimal(row.components["balance"]), currency)


def demand_words(rule: SegmentRule, currency: str) -> str:
    """What the segment asks for, in a line."""
    balance = format_money(rule.min_balance, currency)
    return f"Tier {rule.min_tier}, {balance} and an engagement of {rule.min_score}"
