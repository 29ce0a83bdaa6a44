"""The chapter of linked accounts in evidence packs; numbers by their last digits."""

from collections.abc import Iterator
from typing import Any

from customers.registry.models import Customer
from deposits.models import LinkedAccount, ProofAmount
from evidence.chapters import Entry, chapter, columns_of, in_pages, person

_PEOPLE = ("added_by", "decided_by")


@chapter("linked-accounts", "Linked accounts", order=60)
def linked_accounts(customer: Customer) -> Iterator[Entry]:
    """Accounts and wallets elsewhere, removed ones too, and each test amount."""
    rows = LinkedAccount.objects.for_tenant(customer.tenant_id)
    mine = rows.filter(customer=customer)
    listed = map(_line, in_pages(mine.select_related(*_PEOPLE)))
    yield Entry(path="list.json", rows=listed, share=0.5)
    amounts = ProofAmount.objects.filter(linked_account__in=mine)
    related = in_pages(amounts.select_related("made_by"))
    yield Entry(path="test-amounts.json", rows=map(_amount, related), share=1)


def _line(row: LinkedAccount) -> dict[str, Any]:
    people = {name: person(getattr(row, name)) for name in _PEOPLE}
    return {**columns_of(row, without=row.withheld), "number": row.shown, **people}


def _amount(amount: ProofAmount) -> dict[str, Any]:
    line = columns_of(amount, without=("digest",))
    return {**line, "made_by": person(amount.made_by)}
