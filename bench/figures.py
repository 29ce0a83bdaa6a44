"""Medians, spreads and percentiles, rounded to what they are worth."""

import math
from collections.abc import Sequence
from statistics import median


def spread(values: Sequence[float], digits: int = 1) -> dict[str, object]:
    """The median, the extremes, and every round in its order."""
    rounded = [round(value, digits) for value in values]
    return {
        "median": round(median(values), digits),
        "min": min(rounded),
        "max": max(rounded),
        "rounds": rounded,
    }


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def in_seconds(values: Sequence[float]) -> dict[str, float]:
    """How long something took, over many."""
    return {
        "p50": round(percentile(values, 50), 2),
        "p99": round(percentile(values, 99), 2),
        "max": round(max(values), 2),
    }


def in_milliseconds(values: Sequence[float]) -> dict[str, float]:
    return {
        name: round(value * 1000, 1)
        for name, value in (
            ("p50", percentile(values, 50)),
            ("p99", percentile(values, 99)),
            ("max", max(values)),
        )
    }
