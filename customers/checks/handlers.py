"""Ask the outside, outside any transaction; a question asked twice is the same one."""

from common.errors import DomainError
from customers.checks.choices import Status
from customers.checks.events import AddressCheckAsked, BureauCheckAsked
from customers.checks.gateways.asking import Answer, CheckRefused, Pending, Question
from customers.checks.gateways.named import gateway_named
from customers.checks.models import OutsideCheck
from customers.checks.services import (
    fail_check,
    note_reference,
    take_answer,
    withdraw_open_checks,
)
from customers.registry.choices import LIVING
from customers.registry.events import CustomerArchived, CustomerOffboarded
from events.events import GiveUpError, RetryLaterError
from events.services import subscribe
from tenants.services import get_machine

UNKNOWN = "It was answered in words that this release does not know."
LEFT = "Relationship ended"


@subscribe(AddressCheckAsked)
def verify_address(event: AddressCheckAsked) -> None:
    _ask(event.check_id)


@subscribe(BureauCheckAsked)
def ask_bureau(event: BureauCheckAsked) -> None:
    _ask(event.check_id)


@subscribe(CustomerOffboarded)
def withdraw_checks_of_offboarded(event: CustomerOffboarded) -> None:
    """Nothing is found out about somebody whose relationship has ended."""
    withdraw_open_checks(event.customer_id, reason=LEFT, by=get_machine("checks"))


@subscribe(CustomerArchived)
def withdraw_checks_of_archived(event: CustomerArchived) -> None:
    """A declined applicant is archived without being offboarded first."""
    withdraw_open_checks(event.customer_id, reason=LEFT, by=get_machine("checks"))


def _ask(check_id: str) -> None:
    """Nothing is asked about what is not open any more, nor about who has left."""
    check = OutsideCheck.objects.select_related("customer").get(pk=check_id)
    if check.status != Status.ASKED or check.customer.status not in LIVING:
        return
    try:
        said: object = gateway_named(check.gateway).ask(_question(check))
    except CheckRefused as error:
        fail_check(check.pk, str(error))
        return
    if isinstance(said, Pending):
        _wait(check, said)
    else:
        _take(check, said)


def _question(check: OutsideCheck) -> Question:
    return Question(
        check_id=check.pk, kind=check.kind, about=check.subject,
        customer_number=check.customer.public_id, reference=check.reference,
    )  # fmt: skip


def _wait(check: OutsideCheck, said: Pending) -> None:
    note_reference(check.pk, said.reference)
    if said.ask_again_after is not None:
        message = "Whoever was asked has no answer yet."
        raise RetryLaterError(message, seconds=said.ask_again_after)


def _take(check: OutsideCheck, said: object) -> None:
    """What nobody understands ends on staff's list, and the delivery on operators'."""
    try:
        if not isinstance(said, Answer):
            raise DomainError(UNKNOWN)
        take_answer(check.pk, said)
    except DomainError:
        fail_check(check.pk, UNKNOWN)
        raise GiveUpError(UNKNOWN) from None
