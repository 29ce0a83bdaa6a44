"""What happens to outside checks, in the past tense.

Two of each: of the credit bureau the front line hears nothing.
"""

from dataclasses import dataclass
from typing import ClassVar

from customers.checks.choices import Result
from events.events import Event


@dataclass(frozen=True, kw_only=True)
class _OfCheck(Event):
    customer_id: str
    check_id: str


@dataclass(frozen=True, kw_only=True)
class AddressCheckAsked(_OfCheck):
    def words(self) -> tuple[str, str]:
        return "Address check asked for", ""


@dataclass(frozen=True, kw_only=True)
class AddressCheckAnswered(_OfCheck):
    result: str

    def words(self) -> tuple[str, str]:
        return "Address checked", str(Result(self.result).label).lower()


@dataclass(frozen=True, kw_only=True)
class AddressCheckFailed(_OfCheck):
    is_trouble: ClassVar[bool] = True

    def words(self) -> tuple[str, str]:
        return "Address check failed", ""


@dataclass(frozen=True, kw_only=True)
class AddressCheckWithdrawn(_OfCheck):
    def words(self) -> tuple[str, str]:
        return "Address check withdrawn", ""


@dataclass(frozen=True, kw_only=True)
class BureauCheckAsked(_OfCheck):
    is_restricted: ClassVar[bool] = True

    def words(self) -> tuple[str, str]:
        return "Credit bureau asked", ""


@dataclass(frozen=True, kw_only=True)
class BureauCheckAnswered(_OfCheck):
    is_restricted: ClassVar[bool] = True
    result: str

    def words(self) -> tuple[str, str]:
        return "Credit bureau answered", str(Result(self.result).label).lower()


@dataclass(frozen=True, kw_only=True)
class BureauCheckFailed(_OfCheck):
    is_restricted: ClassVar[bool] = True
    is_trouble: ClassVar[bool] = True

    def words(self) -> tuple[str, str]:
        return "Credit bureau check failed", ""


@dataclass(frozen=True, kw_only=True)
class BureauCheckWithdrawn(_OfCheck):
    is_restricted: ClassVar[bool] = True

    def words(self) -> tuple[str, str]:
        return "Credit bureau check withdrawn", ""
