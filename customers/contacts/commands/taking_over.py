"""The command by which a message goes from a colleague's hands into one's own."""

from uuid import UUID

from django.db import transaction

from common.errors import DomainError
from customers.contacts.choices import Delivery
from customers.contacts.events import MessageTakenOver
from customers.contacts.models import Message
from customers.registry.claims.commands import take_over
from customers.registry.models import ClaimKind
from events.services import publish
from tenants.models import User

GONE = "A colleague dealt with this message already."


@transaction.atomic
def take_over_message(message_id: UUID, *, by: User, held_by: UUID) -> User | None:
    """Have what `held_by` is at; recorded, once. None when nobody had to give way.

    Raises DomainError when it does not wait any more, StaleVersionError when it is
    another's by now.
    """
    rows = Message.objects.for_user(by).select_for_update(of=("self",))
    message: Message = rows.get(pk=message_id)
    if message.status != Delivery.WAITING:
        raise DomainError(GONE)
    loser = take_over(ClaimKind.MESSAGE, message.pk, by=by, held_by=held_by)
    if loser is None:
        return None
    event = MessageTakenOver(
        customer_id=str(message.customer_id),
        message_id=str(message.pk),
        taken_from=str(loser.pk),
    )
    publish(event, by=by, tenant_id=message.tenant_id)
    return loser
