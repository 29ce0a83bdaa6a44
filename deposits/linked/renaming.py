"""A customer has another name: is the account for payouts still theirs by name?"""

from uuid import UUID

from django.db import transaction

from customers.registry.choices import LIVING, TaskKind
from customers.registry.models import Customer
from customers.registry.services import open_task
from deposits.events import PrimaryAccountDropped
from deposits.linked.choices import NameMatch
from deposits.linked.holders import compare_holder
from deposits.linked.locking import keep
from deposits.models import LinkedAccount
from tenants.models import User

REASON = "holder of the payout account"


@transaction.atomic
def follow_name(customer_id: UUID | str, *, by: User) -> bool:
    """Let payouts go there no more once its holder is somebody else; True when so.

    Harmless to run twice: it looks at the names as they are now. The account stays
    verified; somebody decides whether it is removed or the name was a slip.
    """
    rows = Customer.objects.select_for_update(of=("self",)).select_related("tenant")
    customer: Customer = rows.get(pk=customer_id)
    mine = LinkedAccount.objects.filter(customer=customer, is_primary=True)
    row: LinkedAccount | None = mine.first()
    if row is None or customer.status not in LIVING:
        return False
    row.customer = customer
    if compare_holder(row).result != NameMatch.NONE:
        return False
    row.is_primary, row.name_match = False, NameMatch.NONE
    event = PrimaryAccountDropped(
        customer_id=str(customer.pk), linked_account_id=str(row.pk), kind=row.kind
    )
    keep(row, event, by=by, reason="Its holder is not the customer’s name any more")
    open_task(customer, TaskKind.TRIGGER_REVIEW, reason=REASON, by=by)
    return True
