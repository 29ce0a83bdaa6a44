"""By what contacts a customer is found: every phone and e-mail, not the primary."""

from uuid import UUID

from customers.contacts.models import Email, Phone
from customers.registry.search.keys import Asked, Key, register_key
from customers.registry.search.reading import Reading


def _by_phone(reading: Reading, tenant_id: UUID | None) -> Asked:
    if not reading.phones:
        return None
    rows = Phone.objects.living().filter(number__in=reading.phones)
    mine = rows.for_tenant(tenant_id) if tenant_id else rows
    return mine.values_list("customer_id", flat=True)


def _by_email(reading: Reading, tenant_id: UUID | None) -> Asked:
    if not reading.email:
        return None
    rows = Email.objects.living().filter(email=reading.email)
    mine = rows.for_tenant(tenant_id) if tenant_id else rows
    return mine.values_list("customer_id", flat=True)


register_key(Key("phone", _by_phone))
register_key(Key("e-mail", _by_email))
