"""What happens to ratings, in the past tense; none of it for the front line."""

from dataclasses import dataclass
from typing import ClassVar

from common.countries import country_name
from customers.registry.choices import Risk
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
