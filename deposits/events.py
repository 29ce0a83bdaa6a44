"""What happens to deposit accounts, in the past tense."""

from dataclasses import dataclass

from events.events import Event


@dataclass(frozen=True, kw_only=True)
class AccountOpened(Event):
    account_id: str
    customer_id: str

    def words(self) -> tuple[str, str]:
        return "Account opened", ""


@dataclass(frozen=True, kw_only=True)
class AccountStatusChanged(Event):
    account_id: str
    customer_id: str
    status: str

    def words(self) -> tuple[str, str]:
        return "Account", self.status
