"""What happens at the API itself, in the past tense."""

from dataclasses import dataclass

from events.events import Event


@dataclass(frozen=True, kw_only=True)
class CustomersDownloaded(Event):
    """Somebody took the list of customers out; `filters` are names, not values."""

    filters: list[str]

    def words(self) -> tuple[str, str]:
        return "Customers downloaded", ", ".join(self.filters)
