"""By what accounts a customer is found: our own numbers, and those linked elsewhere."""

from uuid import UUID

from customers.registry.search.keys import Asked, Key, register_key
from customers.registry.search.reading import Reading
from deposits.linked.numbers import found_indexes
from deposits.models import Account, LinkedAccount

# Two customers with one number: the front line is not told by search either.
SEES_SHARING = "registry.view_task"


def _by_account(reading: Reading, tenant_id: UUID | None) -> Asked:
    if not reading.number:
        return None
    rows = Account.objects.filter(public_id=reading.number)
    mine = rows.for_tenant(tenant_id) if tenant_id else rows
    return mine.values_list("customer_id", flat=True)


def _by_linked_account(reading: Reading, tenant_id: UUID | None) -> Asked:
    indexes = found_indexes(reading.text) if reading.code else ()
    if not indexes:
        return None
    rows = LinkedAccount.objects.filter(number_index__in=indexes)
    kept = rows.exclude(status=LinkedAccount.Status.REMOVED)
    mine = kept.for_tenant(tenant_id) if tenant_id else kept
    return mine.values_list("customer_id", flat=True)


register_key(Key("account", _by_account, "deposits.view_account"))
register_key(Key("linked account", _by_linked_account, SEES_SHARING))
