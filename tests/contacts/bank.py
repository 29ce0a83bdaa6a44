"""Contacts for the two banks of the tests of separation and of roles."""

from datetime import date

from customers.contacts.choices import Kind
from customers.contacts.reaching import Notice, reach
from customers.contacts.services import (
    add_contact,
    ask_verification,
    set_preference,
)
from customers.contacts.verification import make_secret, note_sent
from customers.registry.models import Customer
from tenants.models import User

ADDRESS = {"lines": "12 Ring Road East", "town": "Accra", "country": "GHA"}


def add_contacts(customer: Customer, word: str, number: int, officer: User) -> None:
    """A second phone with a code on its way, a second e-mail, two addresses, a wish."""
    asked = {"number": f"+23320100{number:04}", "type": "mobile"}
    phone = add_contact(customer.pk, Kind.PHONE, asked, by=officer, reason=word)
    second = {"email": f"second@{word}.example"}
    add_contact(customer.pk, Kind.EMAIL, second, by=officer, reason=word)
    for lines in (f"1 {word} road", f"2 {word} road"):
        place = {**ADDRESS, "lines": lines}
        add_contact(customer.pk, Kind.ADDRESS, place, by=officer, reason=word)
    challenge = ask_verification(Kind.PHONE, phone.pk, by=officer)
    make_secret(challenge.pk)
    note_sent(challenge.pk)
    set_preference(customer.pk, channel="post", language="fr", by=officer, reason=word)
    facts: dict[str, str | date] = {"expires_on": date(2027, 1, 15)}
    notice = Notice("kyc/expiry_reminder", about=word, facts=facts)
    reach(customer, notice, by=officer)
    set_preference(customer.pk, channel="sms", language="en", by=officer, reason=word)
