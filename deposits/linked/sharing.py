"""The same number at two customers: a signal for compliance, and for nobody else.

Asked by a handler after the commit: of two that link it at once, neither sees the other
within its own transaction, but whichever handler runs last sees both.
"""

from uuid import UUID

from django.db import transaction

from customers.registry.choices import LIVING, TaskKind
from customers.registry.models import Customer
from customers.registry.services import open_task
from deposits.events import SharedAccountNumber
from deposits.models import LinkedAccount
from events.models import RecordedEvent
from events.services import publish
from tenants.models import User

REASON = "shared account number"
# An employer's account may be at thousands; as many tell compliance what is up.
MOST_OTHERS = 20


def note_shared_number(linked_id: UUID | str, *, by: User) -> int:
    """Tell of each other customer with this number, at both; returns how many facts.

    Who took it away again, or has left, came with that number all the same; nobody is
    told anything about who has left. Harmless to run twice: a pair is told of once at
    each of its two customers.
    """
    row: LinkedAccount = LinkedAccount.objects.get(pk=linked_id)
    others = LinkedAccount.objects.sharing_with(row)[:MOST_OTHERS]
    told = 0
    for other in others:
        told += _tell(row, other, by) + _tell(other, row, by)
    return told


@transaction.atomic
def _tell(row: LinkedAccount, other: LinkedAccount, by: User) -> bool:
    """One customer is locked at a time, so that two signals cannot block each other."""
    customer = Customer.objects.select_for_update().get(pk=row.customer_id)
    if customer.status not in LIVING:
        return False
    fact = SharedAccountNumber(
        customer_id=str(customer.pk),
        linked_account_id=str(row.pk),
        kind=row.kind,
        other_customer_id=str(other.customer_id),
        other_linked_account_id=str(other.pk),
    )
    known = RecordedEvent.objects.filter(
        subject_id=str(customer.pk), type=type(fact).__name__
    )
    if fact.payload() in list(known.values_list("payload", flat=True)):
        return False
    publish(fact, by=by, tenant_id=customer.tenant_id, reason=REASON)
    open_task(customer, TaskKind.TRIGGER_REVIEW, reason=REASON, by=by)
    return True
