"""Customers, their consents, and the tasks about them."""

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
from customers.registry.models.consent import Consent
from customers.registry.models.customer import Customer
from customers.registry.models.task import Task

__all__ = [
    "LIVING",
    "Activity",
    "Channel",
    "Consent",
    "Customer",
    "CustomerType",
    "DeclineReason",
    "EntityType",
    "KycLevel",
    "KycStatus",
    "Risk",
    "Status",
    "SuspensionReason",
    "Task",
    "TaskKind",
]
