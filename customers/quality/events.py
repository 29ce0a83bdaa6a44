"""What happens about findings, in the past tense."""

from dataclasses import dataclass
from typing import ClassVar

from events.events import Event


@dataclass(frozen=True, kw_only=True)
class QualityCheckAsked(Event):
    """`asked_at` is an instant in ISO 8601; a run that began later answers it."""

    tenant_id: str
    asked_at: str

    def words(self) -> tuple[str, str]:
        return "Data quality check asked", ""


@dataclass(frozen=True, kw_only=True)
class FindingAccepted(Event):
    # The reason is compliance's word about a customer.
    is_restricted: ClassVar[bool] = True
    customer_id: str
    finding_id: str
    rule: str

    def words(self) -> tuple[str, str]:
        return "Finding accepted", self.rule.replace("_", " ")


@dataclass(frozen=True, kw_only=True)
class AcceptanceWithdrawn(Event):
    is_restricted: ClassVar[bool] = True
    customer_id: str
    finding_id: str
    rule: str

    def words(self) -> tuple[str, str]:
        return "Finding counts again", self.rule.replace("_", " ")
