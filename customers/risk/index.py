"""The Basel AML Index, as far as it is shipped, and a rating by a country's score.

Source: Basel Institute on Governance, Basel AML Index 2024 (13th Public Edition), 0 to
10, 10 the highest risk. The whole table is not free to hand on (CC BY-NC-ND), so only
scores that the press reported are here; any other country is rated by hand, or once
for all in the institution's own list.
"""

import csv
from decimal import Decimal
from functools import cache
from pathlib import Path

from customers.registry.choices import Risk

SOURCE = "Basel AML Index 2024"
FILE = Path(__file__).with_name("basel_aml_index.csv")
LOW_UP_TO, MEDIUM_UP_TO = Decimal(5), Decimal(6)
RANGES = f"up to {LOW_UP_TO} is low, up to {MEDIUM_UP_TO} medium, above high"


@cache
def scores() -> dict[str, Decimal]:
    """Scores by the country's code of three letters."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return {row["code"]: Decimal(row["score"]) for row in csv.DictReader(lines)}


def rating_of(score: Decimal) -> Risk:
    """At most 5 low, at most 6 medium, above high."""
    if score <= LOW_UP_TO:
        return Risk.LOW
    return Risk.MEDIUM if score <= MEDIUM_UP_TO else Risk.HIGH
