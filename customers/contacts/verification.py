"""Prove that a phone or mailbox is the customer's: a code read back, a link pressed."""

import hmac
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import connection, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from common.errors import DomainError
from common.face import moment
from common.reading.phone_numbers import takes_no_sms
from common.text import clean
from customers.contacts.choices import Kind, Language, Refusal
from customers.contacts.events import EmailVerified, PhoneVerified, VerificationAsked
from customers.contacts.models import (
    MODELS,
    Challenge,
    Contact,
    Email,
    Phone,
    place_index,
)
from customers.registry.choices import LIVING
from customers.registry.models import Customer
from events.services import publish
from tenants.models import User

# How long what was sent is worth something (§3).
LIFE = {Kind.PHONE: timedelta(minutes=10), Kind.EMAIL: timedelta(hours=48)}
# A link asked for longer ago is not sent; the outbox tries for longer than that.
LATEST = timedelta(hours=24)
MOST_TRIES = 5
MOST_SENDS, WITHIN = 3, timedelta(hours=1)
# Reached nobody. What a place refused was sent to it, so that one counts.
UNSENT = (Refusal.NO_WAY, Refusal.TOO_LATE)
_SALT = "contacts.challenge"
_BAD_LINK = "This link does not work any more. Please ask your bank for a new one."


@transaction.atomic
def ask_verification(kind: str, contact_id: UUID, *, by: User) -> Challenge:
    """Have a code or link sent by a worker; it replaces an earlier one.

    Raises DomainError: verified already, removed, takes no SMS, or TOO_MANY_REQUESTS.
    """
    customer_id = MODELS[kind].objects.values_list("customer_id").get(pk=contact_id)[0]
    customer, contact = _locked(customer_id, kind, contact_id)
    if contact.verified_at:
        raise DomainError(f"This {Kind(kind).label} is verified already.")
    if kind == Kind.PHONE and (why_not := takes_no_sms(contact.value)):
        raise DomainError(why_not, code="INVALID_PHONE")
    _refuse_flood(contact)
    now = timezone.now()
    Challenge.objects.about(contact).open().update(digest="", ended_at=now)
    challenge: Challenge = Challenge.objects.create(
        tenant_id=customer.tenant_id,
        place_index=place_index(contact),
        asked_at=now,
        asked_by=by,
        expires_at=now + LIFE[Kind(kind)],
        **{kind: contact},
    )
    event = VerificationAsked(
        customer_id=str(customer.pk), kind=str(contact.kind),
        contact_id=str(contact.pk), challenge_id=str(challenge.pk),
    )  # fmt: skip
    publish(event, by=by, tenant_id=customer.tenant_id)
    return challenge


def _refuse_flood(contact: Contact) -> None:
    """Raise TOO_MANY_REQUESTS; customers who share a number come one after the other.

    The lock lasts until the transaction ends. It is always taken after the customer's
    and nothing is locked after it, so it can close no circle.
    """
    if connection.vendor == "postgresql":  # SQLite lets one writer in at a time
        key = int.from_bytes(bytes.fromhex(place_index(contact))[:8], signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
    since = timezone.now() - WITHIN
    recent = Challenge.objects.asked_about(contact, since).exclude(refusal__in=UNSENT)
    times = list(recent.order_by("asked_at").values_list("asked_at", flat=True))
    if len(times) >= MOST_SENDS:
        next_at = moment(times[-MOST_SENDS] + WITHIN)
        message = f"Three were sent within the hour; the next may go at {next_at}."
        raise DomainError(message, code="TOO_MANY_REQUESTS")


@transaction.atomic
def make_secret(challenge_id: UUID | str) -> str:
    """Make what is about to be sent, and keep its hash; "" when nothing is to be sent.

    Asked again after a failure it makes another one: the first is worth nothing then.
    One that could not go out in time ends here, and the page says so.
    """
    _, challenge = _locked_challenge(challenge_id)
    if challenge is None or challenge.sent_at:
        return ""
    now = timezone.now()
    if min(challenge.expires_at, challenge.asked_at + LATEST) < now:
        note_refused(challenge.pk, Refusal.TOO_LATE)
        return ""
    is_phone = challenge.phone_id is not None
    secret = f"{secrets.randbelow(10**6):06}" if is_phone else secrets.token_urlsafe(24)
    kind = Kind.PHONE if is_phone else Kind.EMAIL
    challenge.digest = _digest(challenge, secret)
    challenge.expires_at = now + LIFE[kind]
    challenge.save(update_fields=["digest", "expires_at"])
    return secret


def note_sent(challenge_id: UUID | str) -> None:
    """Record that it is on its way."""
    rows = Challenge.objects.filter(pk=challenge_id, sent_at=None)
    rows.update(sent_at=timezone.now())


def note_refused(challenge_id: UUID | str, why: Refusal) -> None:
    """End one that did not go out; staff see why. Harmless to run twice."""
    rows = Challenge.objects.open().filter(pk=challenge_id, sent_at=None)
    rows.update(digest="", ended_at=timezone.now(), refusal=why)


def verify_phone(phone_id: UUID, *, code: str, by: User) -> None:
    """Take the code that the customer read out. Raises DomainError.

    A wrong try is counted, so it is committed before the refusal is raised.
    """
    if refusal := _try_code(phone_id, "".join(clean(code).split()), by):
        raise refusal


@transaction.atomic
def _try_code(phone_id: UUID, code: str, by: User) -> DomainError | None:
    customer_id = Phone.objects.values_list("customer_id").get(pk=phone_id)[0]
    customer, phone = _locked(customer_id, Kind.PHONE, phone_id)
    if not (code.isascii() and code.isdigit() and len(code) == 6):
        return _refusal("A code has six digits.")
    challenge = Challenge.objects.about(phone).open().order_by("-asked_at").first()
    if challenge is None or not challenge.digest:
        return _refusal("No code waits for this phone; send one.")
    if challenge.expires_at < timezone.now():
        return _refusal("The code has expired; send a new one.")
    if challenge.tries >= MOST_TRIES:
        return _refusal("Five wrong codes were typed; send a new one.")
    challenge.tries += 1
    is_right = hmac.compare_digest(challenge.digest, _digest(challenge, code))
    if is_right:
        challenge.end(timezone.now())
    challenge.save(update_fields=["tries", "digest", "ended_at"])
    if not is_right:
        left = MOST_TRIES - challenge.tries
        tries = "one try is" if left == 1 else f"{left or 'no'} tries are"
        return _refusal(f"This is not the code we sent; {tries} left.")
    _mark(phone, by, "The customer read the code back")
    fact = PhoneVerified(customer_id=str(customer.pk), phone_id=str(phone.pk))
    publish(fact, by=by, tenant_id=customer.tenant_id)
    return None


def link_token(
    challenge_id: UUID | str, secret: str, language: str = Language.ENGLISH
) -> str:
    """What stands in the address of the link; signed, so that guesses stay outside.

    `language` is that of the letter, for the page behind the link.
    """
    return signing.dumps([str(challenge_id), secret, language], salt=_SALT)


def language_of_link(token: str) -> str:
    """The language of the letter it stood in; English where it stood in none."""
    try:
        return _opened(token)[2]
    except DomainError:
        return Language.ENGLISH


def read_link(token: str) -> Challenge:
    """The living challenge behind a link; changes nothing. Raises DomainError."""
    challenge_id, secret, _ = _opened(token)
    rows = Challenge.objects.open().select_related("phone", "email", "tenant")
    challenge: Challenge | None = rows.filter(pk=challenge_id).first()
    if challenge is None or not _fits(challenge, secret):
        raise DomainError(_BAD_LINK, code="LINK_EXPIRED")
    return challenge


@transaction.atomic
def confirm_email(token: str, *, by: User) -> Challenge:
    """Take the press of the button on the page of the link. Raises DomainError."""
    _, secret, _ = _opened(token)
    customer, challenge = _locked_challenge(read_link(token).pk)
    if challenge is None or not _fits(challenge, secret):
        raise DomainError(_BAD_LINK, code="LINK_EXPIRED")
    challenge.end(timezone.now())
    challenge.save(update_fields=["digest", "ended_at"])
    email = challenge.contact
    _mark(email, by, "The customer opened the link")
    fact = EmailVerified(customer_id=str(customer.pk), email_id=str(email.pk))
    publish(fact, by=by, tenant_id=customer.tenant_id)
    return challenge


def _opened(token: str) -> tuple[UUID, str, str]:
    try:
        challenge_id, secret, *language = signing.loads(token, salt=_SALT)
        written = str(language[0]) if language else Language.ENGLISH  # older links
        return UUID(challenge_id), str(secret), written
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        raise DomainError(_BAD_LINK, code="LINK_EXPIRED") from None


def _fits(challenge: Challenge, secret: str) -> bool:
    is_same = hmac.compare_digest(challenge.digest, _digest(challenge, secret))
    return is_same and challenge.expires_at >= timezone.now()


def _digest(challenge: Challenge, secret: str) -> str:
    """Hash under our key, bound to the very number or mailbox it was sent to."""
    said = f"{challenge.pk}:{challenge.contact.value}:{secret}"
    return salted_hmac(_SALT, said, algorithm="sha256").hexdigest()


def _mark(contact: Phone | Email, by: User, reason: str) -> None:
    contact.verified_at = timezone.now()
    contact.save_as(by, reason)


def _locked(customer_id: Any, kind: str, contact_id: UUID) -> tuple[Customer, Any]:
    """Lock the customer, then read the contact. Raises DomainError after the end."""
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    if customer.status not in LIVING:
        raise DomainError(f"Cannot verify: {customer} is {customer.status}.")
    contact = MODELS[kind].objects.living().filter(pk=contact_id).first()
    if contact is None:
        raise DomainError(f"This {Kind(kind).label} was removed meanwhile.")
    return customer, contact


def _locked_challenge(
    challenge_id: UUID | str,
) -> tuple[Customer, Challenge | None]:
    """Lock the customer; the challenge is None when nothing may come of it."""
    rows = Challenge.objects.select_related("phone", "email", "tenant")
    customer_id = rows.get(pk=challenge_id).contact.customer_id
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    is_living = customer.status in LIVING
    return customer, rows.open().filter(pk=challenge_id).first() if is_living else None


def _refusal(message: str) -> DomainError:
    return DomainError(message, code="DATA_VALIDATION_FAILED", field="code")
