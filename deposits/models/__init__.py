"""Deposit accounts, and the runs of the nightly activity sweep."""

from deposits.models.account import (
    ACCOUNT_SETS,
    Account,
    AccountQuerySet,
    AccountSet,
    AccountType,
    demanded_status,
)
from deposits.models.sweep_run import SweepRun

__all__ = [
    "ACCOUNT_SETS", "Account", "AccountQuerySet", "AccountSet", "AccountType",
    "SweepRun", "demanded_status",
]  # fmt: skip
