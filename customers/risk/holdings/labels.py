"""Products and their figures in plain words."""

from decimal import Decimal
from typing import Any

from common.face import Label, Tone
from common.money import format_money
from customers.risk.choices import HoldingKind, HoldingStatus
from customers.risk.holdings.schemas import SCHEMAS, Figure
from customers.risk.models import Holding

_TONES: dict[str, Tone] = {
    HoldingStatus.OPEN: "good",
    HoldingStatus.CLOSED: "ended",
    HoldingStatus.WITHDRAWN: "ended",
}


def status_label(status: str) -> Label:
    return Label(str(HoldingStatus(status).label), _TONES[status])


def figure_words(kind: str, figures: dict[str, Any]) -> str:
    """Say them in a line: "120.00 USD balance, 34 transactions in 90 days"."""
    currency = figures.get("currency", "")
    return ", ".join(
        figure.words.format(_written(figure, figures[key], currency))
        for key, figure in SCHEMAS[HoldingKind(kind)].items()
        if figure.words and key in figures
    )


def _written(figure: Figure, value: Any, currency: str) -> str:
    if figure.type == "money":
        return format_money(Decimal(value), currency)
    return f"{value:,}"


def holding_words(holding: Holding) -> str:
    return figure_words(holding.kind, holding.figures)
