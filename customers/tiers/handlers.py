"""What tiers do when something happened; each is harmless to run twice."""

from customers.contacts.events import (
    ContactChanged,
    ContactRemoved,
    EmailVerified,
    PhoneVerified,
)
from customers.contacts.models import Email, Phone
from customers.registry.events import (
    CustomerReinstated,
    CustomerVerified,
    KycRejected,
)
from customers.tiers.deadlines import (
    begin_term_anew,
    mail_warning,
    reinstate_after_deadline,
)
from customers.tiers.events import KycDeadlineNeared
from customers.tiers.services import follow_contact, follow_kyc
from events.services import subscribe
from tenants.services import get_machine


@subscribe(CustomerVerified)
def raise_tier(event: CustomerVerified) -> None:
    """Count the verified identity as evidence, if it still is."""
    follow_kyc(event.customer_id, by=get_machine("tiers"))


@subscribe(CustomerVerified)
def end_missed_deadline(event: CustomerVerified) -> None:
    """Let go on who was suspended for nothing but the deadline that is met now."""
    reinstate_after_deadline(event.customer_id, by=get_machine("tiers"))


@subscribe(CustomerReinstated)
def give_another_term(event: CustomerReinstated) -> None:
    """Who goes on without KYC has to bring it in time all the same."""
    begin_term_anew(event.customer_id)


@subscribe(KycRejected)
def lower_tier(event: KycRejected) -> None:
    """Whatever arrived first, the present state of KYC is what counts."""
    follow_kyc(event.customer_id, by=get_machine("tiers"))


@subscribe(KycDeadlineNeared)
def warn_customer(event: KycDeadlineNeared) -> None:
    """Write to the customer; a mail lost after it was sent may go out twice."""
    mail_warning(event.customer_id)


@subscribe(PhoneVerified)
def count_phone(event: PhoneVerified) -> None:
    """Count the proven phone as evidence, if it still is."""
    follow_contact(Phone, event.phone_id, by=get_machine("tiers"))


@subscribe(EmailVerified)
def count_email(event: EmailVerified) -> None:
    """Count the proven e-mail as evidence, if it still is."""
    follow_contact(Email, event.email_id, by=get_machine("tiers"))


@subscribe(ContactChanged)
def count_changed_contact(event: ContactChanged) -> None:
    """Another number has to be proven anew."""
    _look_at(event.kind, event.contact_id)


@subscribe(ContactRemoved)
def discount_removed_contact(event: ContactRemoved) -> None:
    """What was removed proves nothing any more."""
    _look_at(event.kind, event.contact_id)


def _look_at(kind: str, contact_id: str) -> None:
    """Follow a phone or an e-mail; addresses are proven by documents."""
    for model in (Phone, Email):
        if kind == model.kind:
            follow_contact(model, contact_id, by=get_machine("tiers"))
