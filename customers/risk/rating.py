"""The rules of §9 as pure functions: answers to a rating, and what follows from it."""

import calendar
from collections.abc import Iterable
from datetime import date

from customers.registry.choices import Risk
from customers.risk.choices import Answer, Diligence

# Months until somebody looks again.
REVIEW_MONTHS = {Risk.LOW: 36, Risk.MEDIUM: 24, Risk.HIGH: 12}


def rate(answers: Iterable[str]) -> Risk:
    """One High makes High, two Medium make Medium, all else is Low."""
    given = list(answers)
    if Answer.HIGH in given:
        return Risk.HIGH
    return Risk.MEDIUM if given.count(Answer.MEDIUM) >= 2 else Risk.LOW


def diligence_of(risk: Risk) -> Diligence:
    """High is enhanced; §9 names low as standard, and medium is not high."""
    return Diligence.ENHANCED if risk == Risk.HIGH else Diligence.STANDARD


def review_due(risk: Risk, on: date) -> date:
    """The same day so many months on; the last of the month where there is none."""
    months = on.month - 1 + REVIEW_MONTHS[risk]
    year, month = on.year + months // 12, months % 12 + 1
    last = calendar.monthrange(year, month)[1]
    return date(year, month, min(on.day, last))
