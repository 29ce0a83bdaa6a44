"""A profile and dictionaries for the two banks of the tests of separation and roles."""

from customers.registry.dictionaries.entries import EntryRow, add_entry, entries_of
from customers.registry.models import Customer, Dictionary
from customers.registry.profile.commands import change_profile
from tenants.models import User


def add_profile(customer: Customer, word: str, officer: User) -> None:
    """All dictionaries have their entries, one of them the bank's own."""
    tenant = customer.tenant
    entries_of(tenant, *Dictionary)
    row = EntryRow(f"{word}_mills", f"Mills of {word}", 5)
    add_entry(tenant, Dictionary.INDUSTRY, row, by=officer, reason=word)
    answers = {"gender": "female", "employment": "full_time", "industry": row.code}
    change_profile(customer.pk, changes=answers, by=officer, reason=word)
