"""What happens to customers, in the past tense."""

from dataclasses import dataclass
from typing import ClassVar

from customers.registry.choices import (
    Activity,
    DeclineReason,
    Risk,
    SuspensionReason,
    TaskKind,
)
from events.events import Event


@dataclass(frozen=True, kw_only=True)
class CustomerRegistered(Event):
    customer_id: str
    channel: str

    def words(self) -> tuple[str, str]:
        return "Registered", f"by {self.channel}"


@dataclass(frozen=True, kw_only=True)
class CustomerUpdated(Event):
    customer_id: str
    fields: list[str]

    def words(self) -> tuple[str, str]:
        return "Changed", ", ".join(f.replace("_", " ") for f in self.fields)


@dataclass(frozen=True, kw_only=True)
class ProfileChanged(Event):
    customer_id: str
    fields: list[str]

    def words(self) -> tuple[str, str]:
        return "Profile changed", ", ".join(f.replace("_", " ") for f in self.fields)


@dataclass(frozen=True, kw_only=True)
class CustomerVerified(Event):
    customer_id: str
    kyc_level: str

    def words(self) -> tuple[str, str]:
        return "Verified", f"{self.kyc_level} KYC"


@dataclass(frozen=True, kw_only=True)
class KycRenewed(Event):
    customer_id: str
    expires_on: str

    def words(self) -> tuple[str, str]:
        return "KYC renewed", f"until {self.expires_on}"


@dataclass(frozen=True, kw_only=True)
class KycRejected(Event):
    is_trouble: ClassVar[bool] = True
    customer_id: str

    def words(self) -> tuple[str, str]:
        return "KYC rejected", ""


@dataclass(frozen=True, kw_only=True)
class KycReopened(Event):
    customer_id: str

    def words(self) -> tuple[str, str]:
        return "KYC reopened", "a new attempt"


@dataclass(frozen=True, kw_only=True)
class CustomerSuspended(Event):
    is_trouble: ClassVar[bool] = True
    customer_id: str
    reason: str

    def words(self) -> tuple[str, str]:
        return "Suspended", str(SuspensionReason(self.reason).label)


@dataclass(frozen=True, kw_only=True)
class CustomerReinstated(Event):
    customer_id: str

    def words(self) -> tuple[str, str]:
        return "Reinstated", ""


@dataclass(frozen=True, kw_only=True)
class ActivityRecorded(Event):
    customer_id: str

    def words(self) -> tuple[str, str]:
        return "Activity recorded", ""


@dataclass(frozen=True, kw_only=True)
class ActivityChanged(Event):
    customer_id: str
    activity: str

    def words(self) -> tuple[str, str]:
        return "Activity", str(Activity(self.activity).label).lower()


@dataclass(frozen=True, kw_only=True)
class CustomerOffboarded(Event):
    # Why is on the customer's row, for who may know: the front line reads this fact.
    customer_id: str

    def words(self) -> tuple[str, str]:
        return "Offboarded", ""


@dataclass(frozen=True, kw_only=True)
class CustomerArchived(Event):
    customer_id: str
    reason: str

    def words(self) -> tuple[str, str]:
        if self.reason in DeclineReason.values:
            return "Declined", str(DeclineReason(self.reason).label)
        return "Archived", ""


@dataclass(frozen=True, kw_only=True)
class TierChanged(Event):
    customer_id: str
    before: int
    tier: int

    def words(self) -> tuple[str, str]:
        return f"Tier {self.tier}", f"before: {self.before}"


@dataclass(frozen=True, kw_only=True)
class RiskChanged(Event):
    # A rating tells who is looked at more closely.
    is_restricted: ClassVar[bool] = True
    customer_id: str
    risk: str

    def words(self) -> tuple[str, str]:
        return "Risk", str(Risk(self.risk).label).lower()


@dataclass(frozen=True, kw_only=True)
class TaskOpened(Event):
    is_restricted: ClassVar[bool] = True
    customer_id: str
    task_id: str
    kind: str
    reason: str

    def words(self) -> tuple[str, str]:
        what = self.reason.replace("_", " ")
        return f"Task opened: {TaskKind(self.kind).label.lower()}", what


@dataclass(frozen=True, kw_only=True)
class TaskTaken(Event):
    is_restricted: ClassVar[bool] = True
    customer_id: str
    task_id: str
    kind: str
    assignee_id: str
    is_handed_over: bool

    def words(self) -> tuple[str, str]:
        did = "handed over" if self.is_handed_over else "taken"
        return f"Task {did}: {TaskKind(self.kind).label.lower()}", ""


@dataclass(frozen=True, kw_only=True)
class TaskReleased(Event):
    is_restricted: ClassVar[bool] = True
    customer_id: str
    task_id: str
    kind: str

    def words(self) -> tuple[str, str]:
        return f"Task released: {TaskKind(self.kind).label.lower()}", ""


@dataclass(frozen=True, kw_only=True)
class TaskClosed(Event):
    is_restricted: ClassVar[bool] = True
    customer_id: str
    task_id: str
    kind: str

    def words(self) -> tuple[str, str]:
        return f"Task closed: {TaskKind(self.kind).label.lower()}", ""
