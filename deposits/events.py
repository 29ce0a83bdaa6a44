"""What happens to deposit accounts, in the past tense."""

from dataclasses import dataclass
from typing import ClassVar

from deposits.linked.choices import LinkedKind, RefusalReason, Way
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


@dataclass(frozen=True, kw_only=True)
class _OfLinkedAccount(Event):
    customer_id: str
    linked_account_id: str
    kind: str

    @property
    def noun(self) -> str:
        return str(LinkedKind(self.kind).label).lower()


@dataclass(frozen=True, kw_only=True)
class LinkedAccountAdded(_OfLinkedAccount):
    def words(self) -> tuple[str, str]:
        return "Linked account added", self.noun


@dataclass(frozen=True, kw_only=True)
class LinkedAccountVerified(_OfLinkedAccount):
    way: str

    def words(self) -> tuple[str, str]:
        return "Linked account verified", str(Way(self.way).label).lower()


@dataclass(frozen=True, kw_only=True)
class LinkedAccountRefused(_OfLinkedAccount):
    is_trouble: ClassVar[bool] = True
    reason: str

    def words(self) -> tuple[str, str]:
        return "Linked account refused", str(RefusalReason(self.reason).label)


@dataclass(frozen=True, kw_only=True)
class LinkedAccountMadePrimary(_OfLinkedAccount):
    def words(self) -> tuple[str, str]:
        return "Primary for payouts", self.noun


@dataclass(frozen=True, kw_only=True)
class PrimaryAccountDropped(_OfLinkedAccount):
    """Its holder is not the customer's name any more; payouts go nowhere."""

    is_trouble: ClassVar[bool] = True

    def words(self) -> tuple[str, str]:
        return "Not primary for payouts any more", f"{self.noun}, the name differs"


@dataclass(frozen=True, kw_only=True)
class LinkedAccountRemoved(_OfLinkedAccount):
    def words(self) -> tuple[str, str]:
        return "Linked account removed", self.noun


@dataclass(frozen=True, kw_only=True)
class ProofAmountMade(_OfLinkedAccount):
    def words(self) -> tuple[str, str]:
        return "Test amount made", f"for the {self.noun}"


@dataclass(frozen=True, kw_only=True)
class SharedAccountNumber(_OfLinkedAccount):
    """Another customer of the institution has an account with the same number."""

    # Whoever serves the customer must not let them know that somebody looks.
    is_restricted: ClassVar[bool] = True
    is_trouble: ClassVar[bool] = True
    other_customer_id: str
    other_linked_account_id: str

    def words(self) -> tuple[str, str]:
        return "Shared account number", f"{self.noun}, also of another customer"
