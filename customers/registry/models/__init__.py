"""Customers, their profiles and consents, dictionaries, and tasks."""

from customers.registry.choices import (
    LIVING,
    Activity,
    Channel,
    CustomerType,
    DeclineReason,
    EntityType,
    KycLevel,
    KycStatus,
    Risk,
    Status,
    SuspensionReason,
    TaskKind,
)
from customers.registry.models.claim import Claim, ClaimKind
from customers.registry.models.consent import Consent
from customers.registry.models.customer import Customer
from customers.registry.models.dictionary import (
    MIRRORED,
    Dictionary,
    DictionaryEntry,
)
from customers.registry.models.profile import (
    Gender,
    MaritalStatus,
    Profile,
    SourceOfFunds,
)
from customers.registry.models.task import Task

__all__ = [
    "LIVING",
    "MIRRORED",
    "Activity",
    "Channel",
    "Claim",
    "ClaimKind",
    "Consent",
    "Customer",
    "CustomerType",
    "DeclineReason",
    "Dictionary",
    "DictionaryEntry",
    "EntityType",
    "Gender",
    "KycLevel",
    "KycStatus",
    "MaritalStatus",
    "Profile",
    "Risk",
    "SourceOfFunds",
    "Status",
    "SuspensionReason",
    "Task",
    "TaskKind",
]
