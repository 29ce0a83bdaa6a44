"""Deposit accounts, linked accounts, and the reports of the nightly activity sweep."""

from deposits.models.account import (
    ACCOUNT_SETS,
    Account,
    AccountQuerySet,
    AccountSet,
    AccountType,
    demanded_status,
)
from deposits.models.linked_account import LinkedAccount, ProofAmount
from deposits.models.sweep_run import SweepRun

__all__ = [
    "ACCOUNT_SETS", "Account", "AccountQuerySet", "AccountSet", "AccountType",
    "LinkedAccount", "ProofAmount", "SweepRun", "demanded_status",
]  # fmt: skip
