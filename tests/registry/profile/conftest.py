"""What the tests of profiles share: a full profile, and how to change one."""

from typing import Any

from customers.registry.dictionaries.entries import change_entry
from customers.registry.models import Customer, DictionaryEntry
from customers.registry.profile.commands import change_profile
from tenants.models import User

FULL = {
    "gender": "female",
    "marital_status": "married",
    "education": "bachelor",
    "employment": "full_time",
    "employer_category": "government",
    "industry": "health",
    "income": "2000_4999",
    "source_of_funds": "salary",
}


def change(customer: Customer, by: User, **answers: Any) -> list[str]:
    return change_profile(customer.pk, changes=answers, by=by, reason="Told us so")


def retire(customer: Customer, code: str, by: User) -> None:
    entry: Any = DictionaryEntry.objects.get(tenant_id=customer.tenant_id, code=code)
    change_entry(
        entry.pk, label=entry.label, order=entry.order, is_active=False, by=by,
        reason="No longer offered",
    )  # fmt: skip
