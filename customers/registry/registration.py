"""What must be said to register or change a customer, checked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from common.errors import DomainError
from common.keys import new_id
from common.reading.email_addresses import clean_email
from common.reading.phone_numbers import clean_phone
from common.text import clean, normalize_name
from customers.registry.choices import Channel, CustomerType, EntityType
from customers.registry.details import clean_details
from customers.registry.dictionaries.entries import clean_category
from tenants.models import Tenant
from tenants.packs.loader import EntityType as PackEntityType
from tenants.packs.loader import load_packs

# Version of the terms that staff read out or the front end shows.
CURRENT_TERMS = "2026-01"


@dataclass(frozen=True, kw_only=True)
class Registration:
    """A request to register; `id` makes the second press of the button harmless."""

    customer_type: str
    entity_type: str
    name: str
    channel: str = Channel.WEB
    email: str = ""
    phone: str = ""
    telegram_id: str = ""
    category: str = ""
    details: Mapping[str, object] = field(default_factory=dict)
    terms_version: str = ""
    id: UUID = field(default_factory=new_id)


def pack_form(tenant: Tenant, entity_type: str) -> PackEntityType:
    """Raises DomainError when the tenant's pack does not offer the legal form."""
    form = load_packs()[tenant.pack].entity_types.get(entity_type)
    if form is None:
        raise _invalid(
            "This institution does not serve that legal form.", "entity_type"
        )
    return form


def clean_registration(tenant: Tenant, asked: Registration) -> dict[str, Any]:
    """Return the customer's columns, normalised. Raises DomainError."""
    form = pack_form(tenant, asked.entity_type)
    refuse_mismatch(asked, form)
    columns = clean_identity(asked.name, asked.email, asked.phone)
    details = clean_details(form, asked.details)
    if asked.channel not in Channel.values:
        raise _invalid("Unknown channel.", "channel")
    for gap in channel_gaps(asked, columns, details):
        raise gap
    return {
        **columns,
        "customer_type": asked.customer_type,
        "entity_type": asked.entity_type,
        "channel": asked.channel,
        "category": clean_category(tenant, asked.category),
        "telegram_id": clean(asked.telegram_id)[:64],
        "details": details,
        "pack_version": load_packs()[tenant.pack].version,
    }


def clean_identity(name: str, email: str, phone: str) -> dict[str, str]:
    """Return name, e-mail (lower case) and phone (E.164). Raises DomainError."""
    name = " ".join(clean(name).split())
    if not normalize_name(name):
        raise _invalid("Give a name with letters.", "name")
    if len(name) > 200:
        raise _invalid("The name is longer than 200 characters.", "name")
    return {
        "name": name,
        "email": clean_email(email) if clean(email) else "",
        "phone": clean_phone(phone, "phone") if clean(phone) else "",
    }


def refuse_mismatch(asked: Registration, form: PackEntityType) -> None:
    """Raise DomainError where type and legal form do not go together."""
    pairs = (
        (CustomerType.INDIVIDUAL, EntityType.INDIVIDUAL),
        (CustomerType.GOVERNMENT_ENTITY, EntityType.GOVERNMENT_BODY),
    )
    for customer_type, entity_type in pairs:
        if (asked.customer_type == customer_type) != (asked.entity_type == entity_type):
            raise _invalid(
                f"Type “{customer_type.label}” and legal form “{entity_type.label}”"
                " go together.",
                "entity_type",
            )
    if asked.customer_type not in form.customer_types:
        raise _invalid(f"{form.label} does not go with that type.", "customer_type")


def contact_gap(channel: str, columns: Mapping[str, str]) -> DomainError | None:
    """The contact by which they came to us, where it is missing."""
    if channel in (Channel.WEB, Channel.MOBILE):
        if not columns["email"]:
            return _invalid("Web and mobile customers need an e-mail.", "email")
    elif not columns["phone"]:
        return _invalid("Agent and USSD customers need a phone.", "phone")
    return None


def channel_gaps(
    asked: Registration, columns: Mapping[str, str], details: Mapping[str, str]
) -> Iterator[DomainError]:
    """What the channel demands and was not said (§2)."""
    if gap := contact_gap(asked.channel, columns):
        yield gap
    if asked.channel in (Channel.WEB, Channel.MOBILE):
        if not asked.terms_version:
            yield _invalid("The customer must accept the terms first.", "terms_version")
    elif asked.entity_type == EntityType.INDIVIDUAL and not details.get("id_number"):
        yield _invalid("Agent and USSD customers need an ID number.", "id_number")


def _invalid(message: str, place: str) -> DomainError:
    return DomainError(message, code="DATA_VALIDATION_FAILED", field=place)
