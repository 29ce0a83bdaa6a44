"""What staff do once a demo customer is verified: prove the phone, rate the risk."""

from uuid import UUID, uuid5

from common.reading.phone_numbers import takes_no_sms
from customers.contacts.choices import Kind
from customers.contacts.models import Phone
from customers.contacts.verification import (
    ask_verification,
    make_secret,
    note_sent,
    verify_phone,
)
from customers.registry.models import Customer
from customers.risk.services import Checklist, assess_customer
from tenants.models import User
from tenants.packs.loader import load_packs


def prove_phone(customer: Customer, *, by: User) -> None:
    """Go the way of the code; here nobody has to read it from a phone."""
    phone = Phone.objects.filter(customer=customer, is_primary=True).first()
    if phone is None or phone.verified_at or takes_no_sms(phone.number):
        return
    challenge = ask_verification(Kind.PHONE, phone.pk, by=by)
    code = make_secret(challenge.pk)
    note_sent(challenge.pk)
    verify_phone(phone.pk, code=code, by=by)


def rate_risk(customer: Customer, rating: str, *, by: User) -> None:
    """Fill in the pack's checklist: `rating` for the first factor that may have it."""
    factors = load_packs()[customer.tenant.pack].risk
    answers = {f.key: "low" if "low" in f.ratings else "na" for f in factors}
    first = next((f.key for f in factors if rating in f.ratings), None)
    if first:
        answers[first] = rating
    asked = Checklist(
        id=uuid5(UUID(str(customer.pk)), "risk"), answers=answers,
        country_justification="No score is shipped; nothing speaks against it.",
    )  # fmt: skip
    assess_customer(customer.pk, checklist=asked, by=by)
