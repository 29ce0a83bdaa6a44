"""The command on how a customer wants to hear from us."""

from uuid import UUID

from django.db import transaction

from common.errors import DomainError
from customers.contacts.choices import Language, PreferredChannel
from customers.contacts.commands.overtaken import refuse_overtaken
from customers.contacts.events import PreferenceChanged
from customers.contacts.models import Preference
from customers.contacts.stepping import locked
from events.services import publish
from tenants.models import User


@transaction.atomic
def set_preference(
    customer_id: UUID | str, *, channel: str, language: str, by: User, reason: str,
    version: int | None = None,
) -> bool:  # fmt: skip
    """Keep how the customer wants to hear from us; True when it changed.

    Raises DomainError, StaleVersionError when somebody saved since `version` was shown.
    """
    customer = locked(customer_id, by)
    if channel not in PreferredChannel.values:
        raise DomainError("Choose a channel.", field="channel")
    if language not in Language.values:
        raise DomainError("Choose a language.", field="language")
    known = Preference.objects.filter(customer=customer).first()
    kept = known or Preference(tenant_id=customer.tenant_id, customer=customer)
    refuse_overtaken(kept, version)
    if (kept.channel, kept.language) == (channel, language):
        return False
    kept.channel, kept.language = channel, language
    kept.save_as(by, reason)
    event = PreferenceChanged(customer_id=str(customer.pk))
    publish(event, by=by, tenant_id=customer.tenant_id, reason=reason)
    return True
