"""What happens to tiers and deadlines, in the past tense."""

from dataclasses import dataclass

from events.events import Event


@dataclass(frozen=True, kw_only=True)
class KycDeadlineNeared(Event):
    customer_id: str
    due_on: str

    def words(self) -> tuple[str, str]:
        return "KYC deadline near", f"until {self.due_on}"
