"""What happens to ratings, products and segments, in the past tense.

Of ratings the front line hears nothing.
"""

from dataclasses import dataclass
from typing import ClassVar

from common.reading.countries import country_name
from customers.registry.choices import Risk
from customers.risk.choices import HoldingKind, HoldingStatus, Segment
from events.events import Event


@dataclass(frozen=True, kw_only=True)
class RiskAssessed(Event):
    is_restricted: ClassVar[bool] = True
    customer_id: str
    assessment_id: str
    risk: str

    def words(self) -> tuple[str, str]:
        return "Risk assessed", str(Risk(self.risk).label).lower()


@dataclass(frozen=True, kw_only=True)
class RatingOverridden(Event):
    is_restricted: ClassVar[bool] = True
    customer_id: str
    assessment_id: str
    computed: str
    risk: str

    def words(self) -> tuple[str, str]:
        computed, risk = (
            str(Risk(each).label).lower() for each in (self.computed, self.risk)
        )
        return "Rating overridden", f"{risk} instead of {computed}"


@dataclass(frozen=True, kw_only=True)
class CountryRiskSet(Event):
    """`risk` is "" where the country follows the index again."""

    is_restricted: ClassVar[bool] = True
    country: str
    risk: str

    def words(self) -> tuple[str, str]:
        level = str(Risk(self.risk).label).lower() if self.risk else "by the index"
        return "Country rated", f"{country_name(self.country)}: {level}"


@dataclass(frozen=True, kw_only=True)
class HoldingReported(Event):
    """A product is new here, or something but its age is otherwise than before."""

    customer_id: str
    holding_id: str
    kind: str
    status: str

    def words(self) -> tuple[str, str]:
        kind, status = HoldingKind(self.kind).label, HoldingStatus(self.status).label
        return "Product reported", f"{kind}, {str(status).lower()}"


@dataclass(frozen=True, kw_only=True)
class SegmentChanged(Event):
    """`before` or `segment` is "" where the customer had, or has, none."""

    customer_id: str
    before: str
    segment: str

    def words(self) -> tuple[str, str]:
        before, segment = (
            str(Segment(each).label).lower() if each else "none"
            for each in (self.before, self.segment)
        )
        return "Segment changed", f"{segment}, was {before}"
