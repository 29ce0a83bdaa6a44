"""What contacts do when something happened; each is harmless to run twice."""

from django.conf import settings
from django.urls import reverse

from customers.contacts.choices import Refusal
from customers.contacts.events import VerificationAsked
from customers.contacts.models import Challenge
from customers.contacts.reaching import language_of
from customers.contacts.services import follow_customer
from customers.contacts.sms import SmsNowhere, SmsRefused, get_sms
from customers.contacts.verification import (
    link_token,
    make_secret,
    note_refused,
    note_sent,
)
from customers.registry.events import CustomerRegistered, CustomerUpdated
from events.events import GiveUpError
from events.mail import (
    AddressRefused,
    Letter,
    MailNowhere,
    compose_letter,
    send_letter,
    write_letter,
)
from events.services import subscribe
from tenants.services import get_machine


@subscribe(CustomerRegistered)
def list_contacts(event: CustomerRegistered) -> None:
    """List the e-mail and phone they registered with."""
    follow_customer(event.customer_id, by=get_machine("contacts"))


@subscribe(CustomerUpdated)
def follow_details(event: CustomerUpdated) -> None:
    """Let the primary contacts follow what staff changed in the details."""
    if {"email", "phone"} & set(event.fields):
        follow_customer(event.customer_id, by=get_machine("contacts"))


@subscribe(VerificationAsked)
def send_verification(event: VerificationAsked) -> None:
    """Make the code or link and send it; one lost after it was sent goes out twice.

    The later one counts then. Nothing is sent once it was replaced or came too late.
    """
    secret = make_secret(event.challenge_id)
    if not secret:
        return
    rows = Challenge.objects.select_related("phone", "email", "tenant")
    challenge = rows.get(pk=event.challenge_id)
    try:
        if challenge.phone:
            _send_code(challenge, secret)
        else:
            _send_link(challenge, secret)
    except (AddressRefused, SmsRefused) as error:
        is_nowhere = isinstance(error, MailNowhere | SmsNowhere)
        note_refused(challenge.pk, Refusal.NO_WAY if is_nowhere else Refusal.PLACE)
        raise GiveUpError(str(error)) from None
    note_sent(challenge.pk)


def _send_code(challenge: Challenge, code: str) -> None:
    letter = _letter(challenge, "contacts/phone_code", code=code)
    get_sms().send(challenge.contact.value, letter.sms)


def _send_link(challenge: Challenge, secret: str) -> None:
    language = language_of(challenge.contact.customer)
    place = link_token(challenge.pk, secret, language)
    url = f"{settings.PUBLIC_URL}{reverse('contacts:confirm', args=[place])}"
    letter = _letter(challenge, "contacts/confirm_email", url=url)
    send_letter(compose_letter(challenge.contact.value, letter))


def _letter(challenge: Challenge, name: str, **context: str) -> Letter:
    """In the customer's language; the way is the very contact, whatever they prefer."""
    language = language_of(challenge.contact.customer)
    return write_letter(name, language, {"bank": challenge.tenant.name, **context})
