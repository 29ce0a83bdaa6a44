"""Keep the primary contacts and the customer's row the same, whichever moved first."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from common.errors import DomainError
from common.reading.phone_numbers import takes_no_sms
from customers.contacts.choices import Kind
from customers.contacts.events import ContactAdded, ContactChanged, ContactRemoved
from customers.contacts.models import MODELS, Challenge, Contact
from customers.registry.choices import LIVING
from customers.registry.models import Customer
from customers.registry.services import record_primary_contacts, refuse_known_contacts
from events.services import publish
from tenants.models import User

# The customer's columns that repeat a primary contact, by its kind.
COLUMNS: dict[str, str] = {Kind.PHONE: "phone", Kind.EMAIL: "email"}
FOLLOWED = "As in the customer’s details"
PROMOTED = "The primary one was removed"
MOBILE = "mobile"  # the code of the dictionary that we bring


def publish_about(
    contact: Contact, event: type[Any], *, by: User, reason: str, **more: Any
) -> None:
    fact = event(
        customer_id=str(contact.customer_id),
        kind=str(contact.kind),
        contact_id=str(contact.pk),
        **more,
    )
    publish(fact, by=by, tenant_id=contact.tenant_id, reason=reason)


def end_challenges(contact: Contact) -> None:
    """Let codes and links that are on their way be worth nothing."""
    if contact.kind in COLUMNS:
        rows = Challenge.objects.about(contact).open()
        rows.update(digest="", ended_at=timezone.now())


def swap_primary(
    contact: Contact, *, by: User, reason: str, is_new: bool = False
) -> Contact | None:
    """Make it the primary one; returns the one that was before.

    Of a new one that replaces none, its ContactAdded says enough.
    """
    rows = MODELS[contact.kind].objects.of_customer(contact.customer_id)
    before: Contact | None = rows.filter(is_primary=True).first()
    if before is not None:  # first, as the database knows one primary at a time
        before.is_primary = False
        before.save_as(by, reason)
    contact.is_primary = True
    contact.save_as(by, reason)
    if before is not None or not is_new:
        fields = ["is_primary"]
        publish_about(contact, ContactChanged, by=by, reason=reason, fields=fields)
    return before


def tell_registry(
    customer: Customer, contact: Contact | None, *, by: User, reason: str,
    kind: str = "",
) -> None:  # fmt: skip
    """Write the primary contact, or that there is none, on the customer's row.

    Raises DomainError: DUPLICATE_CUSTOMER, PHONE_ALREADY_REGISTERED.
    """
    column = COLUMNS.get(contact.kind if contact else kind)
    if column is None:
        return
    wanted = {column: contact.value if contact else ""}
    asked = {"email": "", "phone": "", **wanted}
    refuse_known_contacts(customer.tenant_id, **asked, but=customer.pk, by=by)
    try:
        with transaction.atomic():
            record_primary_contacts(customer.pk, by=by, reason=reason, **wanted)
    except IntegrityError as error:
        refuse_known_contacts(customer.tenant_id, **asked, but=customer.pk, by=by)
        message = "Another customer has this already."
        raise DomainError(message, code="DUPLICATE_CUSTOMER") from error
    setattr(customer, column, wanted[column])


def locked(customer_id: UUID | str, by: User) -> Customer:
    """Lock the customer, contacts in step. Raises DomainError after the end."""
    customer: Customer = Customer.objects.select_for_update().get(pk=customer_id)
    if customer.status not in LIVING:
        raise DomainError(f"Cannot change: {customer} is {customer.status}.")
    bring_in_step(customer, by=by)
    return customer


def bring_in_step(customer: Customer, *, by: User) -> None:
    """Let the primary contacts be what the locked row says; its values are checked.

    Where it says that there is none, yet others remain, one of them takes its place.
    """
    for kind, column in COLUMNS.items():
        value = getattr(customer, column)
        first = MODELS[kind].objects.of_customer(customer.pk).first()
        held = first.value if first and first.is_primary else ""
        if value != held:
            _follow(customer, kind, value, by)
        is_bare = first and not getattr(customer, column)
        if is_bare and customer.status in LIVING:
            promote_another(customer, kind, by=by)


def promote_another(customer: Customer, kind: str, *, by: User) -> None:
    """Make the oldest proven one primary, else the oldest, as nobody else is reached.

    Those that are another customer's primary one are passed over.
    """
    rows = MODELS[kind].objects.of_customer(customer.pk)
    for contact in rows.order_by(F("verified_at").asc(nulls_last=True), "id"):
        try:
            with transaction.atomic():
                swap_primary(contact, by=by, reason=PROMOTED)
                tell_registry(customer, contact, by=by, reason=PROMOTED)
        except DomainError:
            continue
        return


def _follow(customer: Customer, kind: str, value: str, by: User) -> None:
    model = MODELS[kind]
    rows = model.objects.of_customer(customer.pk)
    primary = rows.filter(is_primary=True).first()
    known = rows.filter(**{model.identity: value}).first()
    if known is not None:
        swap_primary(known, by=by, reason=FOLLOWED)
    elif primary is None:
        _add_primary(customer, kind, value, by)
    elif not value:
        primary.remove(timezone.now())
        primary.save_as(by, FOLLOWED)
        end_challenges(primary)
        publish_about(primary, ContactRemoved, by=by, reason=FOLLOWED)
    else:
        fields = primary.take({model.identity: value, **unfit(primary, value)})
        primary.save_as(by, FOLLOWED)
        end_challenges(primary)
        publish_about(primary, ContactChanged, by=by, reason=FOLLOWED, fields=fields)


def unfit(contact: Contact, value: str) -> dict[str, str]:
    """What was said of the old number and cannot hold for the new one."""
    if contact.kind != Kind.PHONE or value == contact.value:
        return {}
    is_no_mobile = contact.type == MOBILE and takes_no_sms(value)
    return {"operator": "", **({"type": ""} if is_no_mobile else {})}


def _add_primary(customer: Customer, kind: str, value: str, by: User) -> None:
    model = MODELS[kind]
    contact = model(
        tenant_id=customer.tenant_id,
        customer=customer,
        is_primary=True,
        **{model.identity: value},
    )
    contact.save_as(by, FOLLOWED, force_insert=True)
    publish_about(contact, ContactAdded, by=by, reason=FOLLOWED)
