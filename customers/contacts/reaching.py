"""Reach a customer the way they want: e-mail, SMS, or by staff; and record how.

Three messages do not come this way, as they are no news of ours but what somebody
asked for: the code to a phone, the link to an e-mail (they concern that very contact)
and the welcome with the login (without it nobody could sign in). They follow the
language alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from common.errors import DomainError
from common.reading.phone_numbers import takes_no_sms
from customers.contacts.choices import Delivery, Kind, Language, PreferredChannel
from customers.contacts.events import MessageNotSent, MessageSent, MessageWaits
from customers.contacts.models import MODELS, Contact, Message, Preference
from customers.contacts.sms import SmsRefused, get_sms
from customers.registry.models import Customer
from events.mail import (
    AddressRefused,
    Letter,
    compose_letter,
    send_letter,
    write_letter,
)
from events.services import publish
from tenants.models import User

EVENTS = {
    Delivery.SENT: MessageSent,
    Delivery.WAITING: MessageWaits,
    Delivery.GIVEN: MessageSent,
    Delivery.NOT_SENT: MessageNotSent,
}
# By which ways a machine tries, the wanted one first; then staff do it.
_TRIED: dict[str, tuple[PreferredChannel, ...]] = {
    PreferredChannel.EMAIL: (PreferredChannel.EMAIL, PreferredChannel.SMS),
    PreferredChannel.SMS: (PreferredChannel.SMS, PreferredChannel.EMAIL),
}
_KINDS = {
    PreferredChannel.EMAIL: Kind.EMAIL,
    PreferredChannel.SMS: Kind.PHONE,
    PreferredChannel.PHONE: Kind.PHONE,
    PreferredChannel.POST: Kind.ADDRESS,
}


@dataclass(frozen=True)
class Notice:
    """What a room has to tell: the letter, and the facts that it names.

    `about` is the same whenever the same thing is told, and so told once. Facts whose
    name ends in `_on` are dates.
    """

    letter: str
    about: str
    facts: Mapping[str, str | date] = field(default_factory=dict)


@dataclass(frozen=True)
class _Way:
    channel: PreferredChannel
    contact: Contact | None
    status: Delivery


def language_of(customer: Customer) -> str:
    """The language they asked for; English until they did."""
    wish = Preference.objects.filter(customer=customer).first()
    return wish.language if wish else Language.ENGLISH


def reach(customer: Customer, notice: Notice, *, by: User) -> Message:
    """Send, or put on the list of staff; the same notice again does nothing.

    A message lost after it was sent and before that was recorded may go out twice.
    Speaks to the outside, so never inside a transaction. Raises RetryLaterError and
    SmsUnavailable for the outbox.
    """
    known = _known(customer, notice)
    if known is not None:
        return known
    wish = Preference.objects.filter(customer=customer).first()
    channel = wish.channel if wish else PreferredChannel.EMAIL
    language = wish.language if wish else Language.ENGLISH
    letter = _written(customer, notice.letter, language, notice.facts)
    way = _go(customer, channel, letter)
    return _record(customer, notice, way, letter.language, by)


def _known(customer: Customer, notice: Notice) -> Message | None:
    rows = Message.objects.filter(customer=customer, about=notice.about)
    found: Message | None = rows.first()
    return found


def _written(
    customer: Customer, name: str, language: str, facts: Mapping[str, str | date]
) -> Letter:
    context = {"customer": customer, "bank": customer.tenant.name, **facts}
    return write_letter(name, language, context)


def _go(customer: Customer, wanted: str, letter: Letter) -> _Way:
    """Try what machines can: proven contacts first, then the primary ones as told.

    Who never proved a contact is told all the same: a notice names no secret, and
    after an import nobody could ring them all.
    """
    if wanted == PreferredChannel.NONE:
        return _Way(PreferredChannel.NONE, None, Delivery.NOT_SENT)
    for channel, contact in _within_reach(customer, wanted):
        if _is_sent(channel, contact, letter):
            return _Way(channel, contact, Delivery.SENT)
    return _by_hand(customer, wanted)


def _within_reach(
    customer: Customer, wanted: str
) -> Iterator[tuple[PreferredChannel, Contact]]:
    found = {
        channel: list(MODELS[_KINDS[channel]].objects.of_customer(customer.pk))
        for channel in _TRIED.get(wanted, ())
    }
    for channel, contacts in found.items():
        yield from ((channel, c) for c in contacts if c.verified_at)
    for channel, contacts in found.items():
        # The first is the primary one, and the oldest where another customer's row
        # has what would be theirs.
        yield from ((channel, c) for c in contacts[:1] if not c.verified_at)


def _is_sent(channel: PreferredChannel, contact: Contact, letter: Letter) -> bool:
    """False when this way will never take it, however often it is asked."""
    try:
        if channel == PreferredChannel.EMAIL:
            send_letter(compose_letter(contact.value, letter))
        elif letter.sms and not takes_no_sms(contact.value):
            get_sms().send(contact.value, letter.sms)
        else:
            return False
    except (AddressRefused, SmsRefused):
        return False
    return True


def _by_hand(customer: Customer, wanted: str) -> _Way:
    """A call where there is a phone, unless they want post or have but an address."""
    found = {
        channel: MODELS[_KINDS[channel]].objects.of_customer(customer.pk).first()
        for channel in (PreferredChannel.PHONE, PreferredChannel.POST)
    }
    channel = PreferredChannel.PHONE
    if found[PreferredChannel.POST] and not found[channel]:
        channel = PreferredChannel.POST
    if wanted == PreferredChannel.POST:
        channel = PreferredChannel.POST
    return _Way(channel, found[channel], Delivery.WAITING)


@transaction.atomic
def _record(
    customer: Customer, notice: Notice, way: _Way, language: str, by: User
) -> Message:
    """Keep how it went, once, whoever else recorded it meanwhile."""
    Customer.objects.select_for_update().get(pk=customer.pk)
    known = _known(customer, notice)
    if known is not None:
        return known
    is_waiting, now = way.status == Delivery.WAITING, timezone.now()
    message = Message(
        tenant_id=customer.tenant_id,
        customer=customer,
        letter=notice.letter,
        about=notice.about,
        channel=way.channel,
        language=language,
        contact_id=way.contact.pk if way.contact else None,
        status=way.status,
        facts=_kept(notice.facts) if is_waiting else {},
        made_at=now,
        settled_at=None if is_waiting else now,
    )
    message.save_as(by, str(way.status.label), force_insert=True)
    _tell(message, by, "")
    return message


def _kept(facts: Mapping[str, str | date]) -> dict[str, str]:
    return {n: f.isoformat() if isinstance(f, date) else f for n, f in facts.items()}


def _tell(message: Message, by: User, reason: str) -> None:
    event = EVENTS[Delivery(message.status)](
        customer_id=str(message.customer_id),
        message_id=str(message.pk),
        letter=message.letter,
        channel=message.channel,
        language=message.language,
        contact_id=str(message.contact_id or ""),
    )
    publish(event, by=by, tenant_id=message.tenant_id, reason=reason)


@transaction.atomic
def settle_message(
    message_id: UUID, *, is_given: bool, reason: str, by: User
) -> Message:
    """Take that staff gave it, or why they did not. Raises DomainError when settled."""
    rows = Message.objects.select_for_update(of=("self",)).select_related("customer")
    message: Message = rows.get(pk=message_id)
    if message.status != Delivery.WAITING:
        raise DomainError("A colleague dealt with this message already.")
    message.status = Delivery.GIVEN if is_given else Delivery.NOT_SENT
    message.settled_at, message.facts = timezone.now(), {}
    message.save_as(by, reason)
    _tell(message, by, reason)
    return message


def letter_of(message: Message) -> Letter:
    """The letter of a waiting message, for whoever reads it out or prints it."""
    facts: dict[str, Any] = {
        name: date.fromisoformat(text) if name.endswith("_on") else text
        for name, text in message.facts.items()
    }
    return _written(message.customer, message.letter, message.language, facts)


def contact_of(message: Message) -> Contact | None:
    """Where it goes, if it is not removed meanwhile; else the present primary one."""
    kind = _KINDS.get(PreferredChannel(message.channel))
    if kind is None:
        return None
    rows = MODELS[kind].objects.of_customer(message.customer_id)
    found: Contact | None = rows.filter(pk=message.contact_id).first() or rows.first()
    return found
