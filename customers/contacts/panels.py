"""The panel of contacts on the customer page, and what has to be proven."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from common.face import Label, day
from common.lists.rows import Row, Verb
from customers.contacts.choices import Kind, Language, Refusal
from customers.contacts.codes import Words, word_of, words_of
from customers.contacts.models import (
    Challenge,
    Contact,
    Preference,
    contacts_of,
    place_index,
)
from customers.contacts.sms import is_open
from customers.registry import customer_page
from customers.registry.customer_page import Panel, PanelView
from customers.registry.models import LIVING, Customer
from tenants.models import User

ADD = {Kind.PHONE: "Add phone", Kind.EMAIL: "Add e-mail", Kind.ADDRESS: "Add address"}
VERIFIED, UNVERIFIED = Label("Verified", "good"), Label("Not verified", "quiet")
KEPT = Label("Address", "quiet")
WAITING = {
    Kind.PHONE: Label("Code sent", "wait"),
    Kind.EMAIL: Label("Link sent", "wait"),
}
ON_ITS_WAY = Label("Being sent", "wait")
REFUSED = {
    Kind.PHONE: Label("Refused; check the number", "warn"),
    Kind.EMAIL: Label("Refused; check the address", "warn"),
}
NO_WAY = {
    Kind.PHONE: Label("Not sent: no SMS gateway is set up", "warn"),
    Kind.EMAIL: Label("Not sent: no mail server is set up", "warn"),
}
TOO_LATE = Label("Not sent in time; send another one", "warn")


def may_change(customer: Customer, user: User) -> bool:
    """Whether to offer it; the command decides again."""
    return customer.status in LIVING and user.has_perm("contacts.change_contact")


def contact_url(contact: Contact, page: str) -> str:
    return reverse(f"admin:contacts_{contact.kind}_{page}", args=[contact.pk])


def build_contacts(customer: Customer, user: User) -> PanelView:
    """Phones, e-mails, addresses, each with the primary one first."""
    may = may_change(customer, user)
    kinds = [kind for kind in Kind if user.has_perm(f"contacts.view_{kind}")]
    found = [each for kind in kinds for each in contacts_of(kind, customer.pk)]
    has_codes = any(c.type or getattr(c, "operator", "") for c in found)
    words = words_of(customer.tenant_id) if has_codes else {}
    waits = _waiting(found)
    rows = [_row(each, waits.get(each.pk), words, may=may) for each in found]
    context = {"rows": rows, "wish": _wish(customer, user), "verbs": []}
    if may:
        context["verbs"] = list(_verbs(customer))
    return PanelView(
        verb="Read the SMS" if is_open() and may else "",
        url=reverse("contacts:messages") if is_open() and may else "",
        template="contacts/_panel.html",
        context=context,
    )


def _verbs(customer: Customer) -> Iterator[Verb]:
    for kind, title in ADD.items():
        url = reverse(f"admin:contacts_{kind}_of_customer", args=[customer.pk])
        yield Verb(title, url)
    url = reverse("admin:contacts_preference_of_customer", args=[customer.pk])
    yield Verb("Preferences", url)


def _wish(customer: Customer, user: User) -> str:
    if not user.has_perm("contacts.view_preference"):
        return ""
    wish: Preference | None = getattr(customer, "preference", None)
    if wish is None:
        return "Nobody has asked how they want to hear from us."
    language = dict(Language.choices).get(wish.language, wish.language)
    return f"Prefers {wish.get_channel_display()}, in {language}"


def _waiting(contacts: list[Any]) -> dict[Any, Challenge]:
    """The last challenge of each contact that counts, by the contact's key; one query.

    It waits for an answer, or never went out.
    """
    unproven = {
        c.pk: c for c in contacts if c.kind != Kind.ADDRESS and not c.verified_at
    }
    if not unproven:
        return {}
    about = Q(phone__in=unproven) | Q(email__in=unproven)
    rows = Challenge.objects.filter(about).newest()
    is_waiting = Q(ended_at=None, expires_at__gte=timezone.now())
    found = {}
    for row in rows.filter(is_waiting | ~Q(refusal="")):
        contact = unproven[row.phone_id or row.email_id]
        # What was refused for another number than the present one says nothing.
        if not row.refusal or row.place_index == place_index(contact):
            found[contact.pk] = row
    return found


def _row(contact: Contact, waits: Challenge | None, words: Words, *, may: bool) -> Row:
    label = _label(contact, waits)
    meta = ["Primary"] if contact.is_primary else []
    meta += [w for c in ("type", "operator") if (w := word_of(words, contact, c))]
    if contact.verified_at:
        meta.append(f"verified {day(contact.verified_at, short=True)}")
    said = ", ".join(meta)
    note = "" if label in (VERIFIED, KEPT) else label.word
    verbs = list(_verbs_of(contact, waits)) if may else []
    first = verbs.pop(0) if verbs and verbs[0].title != "Change" else None
    return Row(
        icon=label,
        title=contact.shown,
        meta=said[:1].upper() + said[1:] or str(Kind(contact.kind).label).capitalize(),
        note=note[:1].lower() + note[1:],
        verb=first,
        menu=verbs,
    )


def _refused(kind: Kind, refusal: Refusal) -> Label:
    if refusal == Refusal.TOO_LATE:
        return TOO_LATE
    return (NO_WAY if refusal == Refusal.NO_WAY else REFUSED)[kind]


def _label(contact: Contact, waits: Challenge | None) -> Label:
    if contact.kind == Kind.ADDRESS:
        return KEPT
    if contact.verified_at:
        return VERIFIED
    if waits and waits.refusal:
        return _refused(contact.kind, Refusal(waits.refusal))
    if waits:
        return WAITING[contact.kind] if waits.sent_at else ON_ITS_WAY
    return UNVERIFIED


def _verbs_of(contact: Contact, waits: Challenge | None) -> Iterator[Verb]:
    """What can be done with it, the likeliest first."""
    if contact.kind != Kind.ADDRESS and not contact.verified_at:
        send = "Send code" if contact.kind == Kind.PHONE else "Send link"
        if contact.kind == Kind.PHONE and waits and not waits.refusal:
            yield Verb("Enter code", contact_url(contact, "enter"))
        yield Verb(send, contact_url(contact, "send"))
    yield Verb("Change", contact_url(contact, "edit"))
    if not contact.is_primary:
        yield Verb("Make primary", contact_url(contact, "primary"))
    yield Verb("Remove", contact_url(contact, "remove"), is_danger=True)


def pin_panels() -> None:
    """Put this app's part on the customer page, once at start-up."""
    customer_page.read_along("preference")
    customer_page.pin(
        Panel(
            key="contacts",
            title="Contacts",
            permission="contacts.view_phone",
            order=20,
            build=build_contacts,
        )
    )
