"""What a sweep did, or would do: counts, accounts, examples and errors."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from deposits.models import SweepRun

MOST_EXAMPLES = 20
MOST_ERRORS = 100  # in full; further ones are counted


@dataclass
class Report:
    """`changes` counts customers by "from to", as in "active inactive"."""

    changes: Counter[str] = field(default_factory=Counter)
    accounts_changed: int = 0
    examples: list[dict[str, str]] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)
    error_count: int = 0

    @classmethod
    def of(cls, run: SweepRun) -> "Report":
        return cls(
            Counter(run.changes),
            run.accounts_changed,
            list(run.examples),
            list(run.errors),
            run.error_count,
        )

    @property
    def changed(self) -> int:
        return self.changes.total()

    def plus(self, other: "Report") -> "Report":
        return Report(
            self.changes + other.changes,
            self.accounts_changed + other.accounts_changed,
            (self.examples + other.examples)[:MOST_EXAMPLES],
            (self.errors + other.errors)[:MOST_ERRORS],
            self.error_count + other.error_count,
        )

    def columns(self) -> dict[str, Any]:
        """The values of the run's own columns."""
        return {
            "changes": dict(self.changes),
            "accounts_changed": self.accounts_changed,
            "examples": self.examples,
            "errors": self.errors,
            "error_count": self.error_count,
        }
