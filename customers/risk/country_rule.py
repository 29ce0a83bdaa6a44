"""How low a factor that follows the index may be rated, by the customer’s countries."""

from collections.abc import Sequence

from common.errors import DomainError
from customers.registry.choices import Risk
from customers.risk.choices import ORDER, Answer
from customers.risk.countries import RatedCountry, unscored, worst
from tenants.packs.loader import RiskFactor

INVALID = "DATA_VALIDATION_FAILED"


def refused(factor: RiskFactor, problem: str) -> DomainError:
    message = f"{factor.label}: {problem}."
    return DomainError(message, code=INVALID, field=factor.key)


def check_by_index(
    factor: RiskFactor, answer: str, countries: Sequence[RatedCountry], why: str
) -> None:
    """Refuse less than the rated countries say, and Low for one that nobody rated.

    `why` is the justification of the latter. Medium and High are a person’s own
    judgement and need none. Raises DomainError.
    """
    least = worst(countries)
    if least and not _is_at_least(answer, least):
        raise refused(
            factor, f"it may not be below {least.label.lower()}, as the index says"
        )
    names = unscored(countries)
    if names and not why and not _is_at_least(answer, Risk.MEDIUM):
        raise refused(
            factor,
            f"there is no score for {names}, so below medium it needs a justification,"
            " or a rating in the own list",
        )


def _is_at_least(answer: str, least: Risk) -> bool:
    if answer == Answer.NOT_APPLICABLE:
        return False
    return ORDER.index(Risk(answer)) >= ORDER.index(least)
