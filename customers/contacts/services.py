"""What may be asked of a customer's contacts: lock, decide, save, publish.

Every command locks the customer first and brings contacts in step with the customer's
row before it decides, so that two of them come one after the other.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from common.errors import DomainError
from common.reading.email_addresses import clean_email
from common.reading.phone_numbers import clean_phone
from common.text import clean
from customers.contacts.choices import Kind
from customers.contacts.codes import refuse_unknown_codes
from customers.contacts.commands.overtaken import refuse_overtaken
from customers.contacts.commands.preference import set_preference
from customers.contacts.events import ContactAdded, ContactChanged, ContactRemoved
from customers.contacts.models import MODELS, Address, Contact
from customers.contacts.postal import clean_address
from customers.contacts.stepping import (
    bring_in_step,
    end_challenges,
    locked,
    publish_about,
    swap_primary,
    tell_registry,
    unfit,
)
from customers.contacts.verification import (
    ask_verification,
    confirm_email,
    verify_phone,
)
from customers.registry.choices import Channel, KycStatus, TaskKind
from customers.registry.models import Customer
from customers.registry.services import open_task
from tenants.models import User
from tenants.services import get_machine

__all__ = [
    "add_contact", "ask_verification", "change_contact", "clean_contact",
    "confirm_email", "follow_customer", "make_primary", "remove_contact",
    "set_preference", "verify_phone",
]  # fmt: skip

# What can be changed about each kind.
PARTS: dict[str, tuple[str, ...]] = {
    Kind.PHONE: ("number", "operator", "type"),
    Kind.EMAIL: ("email", "type"),
    Kind.ADDRESS: ("lines", "town", "region", "postcode", "country", "type"),
}
MOST = 20  # living contacts of a kind; more are a slip or an attack
LONGEST_CODE = 40  # characters of a dictionary's code
# What a customer who came this way cannot be without (§2).
_DEMANDED = {
    Channel.WEB: Kind.EMAIL,
    Channel.MOBILE: Kind.EMAIL,
    Channel.AGENT: Kind.PHONE,
    Channel.USSD: Kind.PHONE,
}


def clean_contact(
    kind: str, values: Mapping[str, str], held: Any = None
) -> dict[str, str]:
    """Return the columns of a kind, normalised. Raises DomainError.

    What `held` has already stays, also where it was kept before a rule was stricter.
    """
    code = {"type": clean(values.get("type", ""))[:LONGEST_CODE]}
    if kind == Kind.ADDRESS:
        return {**clean_address(values), **code}
    name = MODELS[kind].identity
    read = clean_phone if kind == Kind.PHONE else clean_email
    text = values.get(name, "")
    is_held = held is not None and text == held.value
    columns = {name: text if is_held else read(text)}
    if kind == Kind.PHONE:
        columns["operator"] = clean(values.get("operator", ""))[:LONGEST_CODE]
    return {**columns, **code}


@transaction.atomic
def add_contact(
    customer_id: UUID | str, kind: str, values: Mapping[str, str], *,
    by: User, reason: str = "Added", is_primary: bool = False,
) -> Contact:  # fmt: skip
    """Add one; the first of its kind becomes the primary one by itself.

    Raises DomainError: INVALID_PHONE, INVALID_EMAIL, DUPLICATE_CUSTOMER, …
    """
    columns = clean_contact(kind, values)
    customer = locked(customer_id, by)
    model = MODELS[kind]
    rows = model.objects.of_customer(customer.pk)
    if len(rows) >= MOST:
        noun = model._meta.verbose_name_plural  # noqa: SLF001 - Django's way to it
        raise DomainError(f"{customer} has {MOST} {noun} already; remove one first.")
    refuse_unknown_codes(customer.tenant, kind, columns, None)
    contact: Contact = model(tenant_id=customer.tenant_id, customer=customer, **columns)
    _refuse_known(contact)
    contact.save_as(by, reason, force_insert=True)
    publish_about(contact, ContactAdded, by=by, reason=reason)
    if is_primary or not any(row.is_primary for row in rows):
        _make_primary(customer, contact, by, reason, is_new=True)
    return contact


def change_contact(
    kind: str, contact_id: UUID, values: Mapping[str, str], *,
    by: User, reason: str, version: int | None = None,
) -> list[str]:  # fmt: skip
    """Change the columns that `values` names; returns those that differ.

    Another number must be proven anew. Raises StaleVersionError when somebody changed
    the contact since `version` was shown.
    """
    if version is not None:
        # Kept even if this change is refused: else it would be overtaken every time.
        _bring_in_step_first(kind, contact_id)
    return _change(kind, contact_id, values, by=by, reason=reason, version=version)


@transaction.atomic
def _bring_in_step_first(kind: str, contact_id: UUID) -> None:
    rows = MODELS[kind].objects.values_list("customer_id", flat=True)
    locked(rows.get(pk=contact_id), get_machine("contacts"))


@transaction.atomic
def _change(
    kind: str, contact_id: UUID, values: Mapping[str, str], *,
    by: User, reason: str, version: int | None,
) -> list[str]:  # fmt: skip
    customer, contact = _locked_contact(kind, contact_id, by)
    refuse_overtaken(contact, version)
    columns = _wanted(contact, values)
    refuse_unknown_codes(customer.tenant, kind, columns, contact)
    country = getattr(contact, "country", "")
    changed: list[str] = contact.take(columns)
    if not changed:
        return []
    _refuse_known(contact)
    contact.save_as(by, reason)
    publish_about(contact, ContactChanged, by=by, reason=reason, fields=changed)
    if contact.identity in changed:
        end_challenges(contact)
        if contact.is_primary:
            tell_registry(customer, contact, by=by, reason=reason)
    if contact.is_primary:
        _look_again(customer, country, contact, by)
    return changed


def _wanted(contact: Contact, values: Mapping[str, str]) -> dict[str, str]:
    """All columns as they should be; an operator nobody named is not the new one's."""
    held = {name: getattr(contact, name) for name in PARTS[contact.kind]}
    columns = clean_contact(contact.kind, {**held, **values}, contact)
    gone = unfit(contact, columns[contact.identity])
    return columns | {n: text for n, text in gone.items() if n not in values}


@transaction.atomic
def make_primary(kind: str, contact_id: UUID, *, by: User, reason: str) -> bool:
    """Put one in the primary one's place; True when it was not the primary one."""
    customer, contact = _locked_contact(kind, contact_id, by)
    if contact.is_primary:
        return False
    _make_primary(customer, contact, by, reason)
    return True


@transaction.atomic
def remove_contact(kind: str, contact_id: UUID, *, by: User, reason: str) -> None:
    """Remove one. The primary one only as the last, and where none is demanded."""
    customer, contact = _locked_contact(kind, contact_id, by)
    was_primary = contact.is_primary
    if was_primary:
        _refuse_removal(customer, contact)
    contact.remove(timezone.now())
    contact.save_as(by, reason)
    end_challenges(contact)
    publish_about(contact, ContactRemoved, by=by, reason=reason)
    if was_primary:
        tell_registry(customer, None, kind=kind, by=by, reason=reason)


@transaction.atomic
def follow_customer(customer_id: UUID | str, *, by: User) -> None:
    """Let contacts follow the customer's row; harmless to run twice."""
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    bring_in_step(customer, by=by)


def _locked_contact(
    kind: str, contact_id: UUID, by: User
) -> tuple[Customer, Any]:  # the row of one of three models
    model = MODELS[kind]
    customer_id = model.objects.values_list("customer_id", flat=True).get(pk=contact_id)
    customer = locked(customer_id, by)
    contact = model.objects.living().filter(pk=contact_id).first()
    if contact is None:
        noun = Kind(kind).label
        raise DomainError(f"This {noun} was removed meanwhile.")
    return customer, contact


def _refuse_known(contact: Contact) -> None:
    """Raise DomainError when the customer has the very same already."""
    names = [contact.identity]
    if contact.kind == Kind.ADDRESS:
        names += ["town", "region", "postcode", "country"]
    same = {name: getattr(contact, name) for name in names}
    rows = MODELS[contact.kind].objects.of_customer(contact.customer_id)
    if rows.filter(**same).exclude(pk=contact.pk).exists():
        noun = Kind(contact.kind).label
        message = f"This customer has this {noun} already."
        raise DomainError(message, field=contact.identity)


def _make_primary(
    customer: Customer, contact: Any, by: User, reason: str, *, is_new: bool = False
) -> None:
    country = _last_country(customer) if contact.kind == Kind.ADDRESS else ""
    swap_primary(contact, by=by, reason=reason, is_new=is_new)
    tell_registry(customer, contact, by=by, reason=reason)
    _look_again(customer, country, contact, by)


def _last_country(customer: Customer) -> str:
    """Where the last primary address of any time was, also one that is removed."""
    versions: Any = Address.history
    rows = versions.filter(customer_id=customer.pk, is_primary=True)
    last = rows.order_by("history_id").last()
    return last.country if last else ""


def _refuse_removal(customer: Customer, contact: Contact) -> None:
    noun = Kind(contact.kind).label
    rows = MODELS[contact.kind].objects.of_customer(customer.pk)
    if rows.exclude(pk=contact.pk).exists():
        message = f"This is the primary {noun}; make another one primary first."
        raise DomainError(message)
    if _DEMANDED.get(Channel(customer.channel)) == contact.kind:
        channel = customer.get_channel_display()
        article = "an" if contact.kind == Kind.EMAIL else "a"
        message = f"{channel} customers need {article} {noun}; add another one first."
        raise DomainError(message)


def _look_again(customer: Customer, before: str, contact: Any, by: User) -> None:
    """Have compliance look again when a verified customer moves abroad (§2)."""
    country = getattr(contact, "country", "")
    if before and country != before and customer.kyc_status == KycStatus.VERIFIED:
        reason = "country of the address"
        open_task(customer, TaskKind.TRIGGER_REVIEW, reason=reason, by=by)
