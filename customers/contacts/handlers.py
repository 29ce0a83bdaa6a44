"""What contacts do when something happened; each is harmless to run twice."""

import smtplib

from django.conf import settings
from django.urls import reverse

from customers.contacts.events import VerificationAsked
from customers.contacts.models import Challenge
from customers.contacts.services import follow_customer
from customers.contacts.sms import SmsRefused, get_sms
from customers.contacts.verification import link_token, make_secret, note_sent
from customers.registry.events import CustomerRegistered, CustomerUpdated
from events.events import GiveUpError, RetryLaterError
from events.mail import compose_letter
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
    if challenge.phone:
        _send_code(challenge, secret)
    else:
        _send_link(challenge, secret)
    note_sent(challenge.pk)


def _send_code(challenge: Challenge, code: str) -> None:
    bank = challenge.tenant.name
    text = f"{bank}: your code is {code}. It is valid for ten minutes."
    try:
        get_sms().send(challenge.contact.value, text)
    except SmsRefused as error:
        raise GiveUpError(str(error)) from None


def _send_link(challenge: Challenge, secret: str) -> None:
    place = reverse("contacts:confirm", args=[link_token(challenge.pk, secret)])
    context = {"bank": challenge.tenant.name, "url": f"{settings.PUBLIC_URL}{place}"}
    mail = compose_letter(
        challenge.contact.value,
        subject=f"Please confirm your e-mail to {challenge.tenant.name}",
        template="contacts/confirm_email.txt",
        context=context,
    )
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused:
        raise GiveUpError("The mail server refused the address.") from None
    except (smtplib.SMTPException, OSError):
        raise RetryLaterError("The mail server does not answer.") from None
