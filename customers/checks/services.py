"""What may be asked about outside checks: lock, decide, save, publish."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from common.errors import DomainError
from common.text import clean
from customers.checks.choices import RESULTS, Kind, Result, Status
from customers.checks.gateways.asking import Answer
from customers.checks.gateways.named import gateway_for
from customers.checks.models import LONGEST_REFERENCE, OutsideCheck
from customers.checks.subjects import home_of, place_named, subject_of
from customers.registry.choices import LIVING
from customers.registry.models import Customer
from events.events import Event
from events.services import publish
from tenants.models import User
from tenants.services import get_machine

LONGEST_NOTE, LONGEST_WHY = 1000, 200  # characters
INVALID = "DATA_VALIDATION_FAILED"
UNKNOWN_ANSWER = "UNKNOWN_ANSWER"


@transaction.atomic
def ask_check(
    customer_id: UUID | str, *, kind: str, by: User, address: str = "",
    check_id: UUID | None = None,
) -> OutsideCheck:  # fmt: skip
    """Ask about a customer; the same `check_id` again is the known check.

    `address` is a key of `subjects.places_of`, wanted for address checks alone.
    Raises DomainError: CUSTOMER_INACTIVE, or one of the kind is open already.
    """
    if kind not in Kind.values:
        raise DomainError("Choose what to check.", field="kind")
    customer = _locked_customer(customer_id)
    if known := _known(customer, check_id):
        return known
    _refuse_unless_askable(customer, kind)
    is_about_place = kind == Kind.ADDRESS
    place = place_named(customer, address) if is_about_place else home_of(customer)
    told: Any = subject_of(customer, place)
    row = OutsideCheck(
        tenant=customer.tenant, customer=customer, kind=kind,
        gateway=gateway_for(kind), address=place.address,
        subject=told, asked_at=timezone.now(), asked_by=by,
        **({"id": check_id} if check_id else {}),
    )  # fmt: skip
    row.save_as(by, "Asked", force_insert=True)
    publish(row.asked(), by=by, tenant_id=row.tenant_id)
    return row


def _known(customer: Customer, check_id: UUID | None) -> OutsideCheck | None:
    if check_id is None:
        return None
    known: OutsideCheck | None = OutsideCheck.objects.filter(pk=check_id).first()
    if known and known.customer_id != customer.pk:
        raise DomainError("This form has asked already; begin anew.")
    return known


def _refuse_unless_askable(customer: Customer, kind: str) -> None:
    if customer.status not in LIVING:
        message = f"Cannot ask: {customer} is {customer.status}."
        raise DomainError(message, code="CUSTOMER_INACTIVE")
    if OutsideCheck.objects.waiting().filter(customer=customer, kind=kind).exists():
        noun = Kind(kind).label.lower()
        message = f"A {noun} check is open already; record its answer or withdraw it."
        raise DomainError(message)


@transaction.atomic
def record_answer(
    check_id: UUID | str, *, result: str, reference: str, by: User, note: str = ""
) -> bool:
    """Keep what staff found out themselves; True when it was open.

    The same answer again is no error. Raises DomainError: another one was recorded.
    """
    row = _locked(check_id)
    said = _checked(row, Answer(result, reference, note))
    if not said.reference:
        message = "Say where it can be read, or how it was found out."
        raise DomainError(message, code=INVALID, field="reference")
    if row.status == Status.ANSWERED and row.result != said.result:
        word = row.get_result_display().lower()
        raise DomainError(f"This check was answered already: {word}.")
    return _answer(row, said, by=by, reason="Recorded by hand")


@transaction.atomic
def take_answer(check_id: UUID | str, answer: Answer) -> bool:
    """Keep what a gateway says; False where it comes too late or a second time.

    Raises DomainError (UNKNOWN_ANSWER) where nobody knows what it means.
    """
    row = _locked(check_id)
    if not row.is_open:
        return False
    # A long reference is cut: that is no reason to lose what they found out.
    cut = Answer(
        answer.result,
        clean(str(answer.reference or ""))[:LONGEST_REFERENCE],
        clean(str(answer.note or ""))[:LONGEST_NOTE],
    )
    said = _checked(row, cut)
    return _answer(row, said, by=get_machine("checks"), reason="Answered")


def _checked(row: OutsideCheck, answer: Answer) -> Answer:
    """The answer as it is kept. Raises DomainError."""
    if answer.result not in RESULTS[row.kind]:
        message = f"Choose a result of the {row.get_kind_display().lower()} check."
        raise DomainError(message, code=UNKNOWN_ANSWER, field="result")
    reference, note = clean(str(answer.reference)), clean(str(answer.note))
    for text, most, field in (
        (reference, LONGEST_REFERENCE, "reference"), (note, LONGEST_NOTE, "note"),
    ):  # fmt: skip
        if len(text) > most:
            message = f"Write it in at most {most:,} characters."
            raise DomainError(message, code=INVALID, field=field)
    return Answer(answer.result, " ".join(reference.split()), note)


def _answer(row: OutsideCheck, said: Answer, *, by: User, reason: str) -> bool:
    until = a_year_after(row.customer.tenant.today)
    event = row.answer(Result(said.result), timezone.now(), until)
    if event is None:
        return False
    row.reference, row.note, row.answered_by = said.reference, said.note, by
    return _keep(row, event, by=by, reason=reason)


def a_year_after(day: date) -> date:
    """The same day of the next year; of 29 February the 28th."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28 if is_leap_day else day.day)


@transaction.atomic
def withdraw_check(check_id: UUID | str, *, reason: str, by: User) -> bool:
    """Ask no longer; an answer that comes all the same is not kept."""
    why = clean(reason)
    if not why or len(why) > LONGEST_WHY:
        message = f"Say why in a few words, at most {LONGEST_WHY} characters."
        raise DomainError(message, code=INVALID, field="reason")
    row = _locked(check_id)
    return _keep(row, row.withdraw(), by=by, reason=why)


@transaction.atomic
def withdraw_open_checks(customer_id: UUID | str, *, reason: str, by: User) -> None:
    """Ask nothing more about a customer; harmless to run twice."""
    customer = _locked_customer(customer_id)
    for row in OutsideCheck.objects.waiting().filter(customer=customer):
        row.customer = customer
        _keep(row, row.withdraw(), by=by, reason=reason)


@transaction.atomic
def fail_check(check_id: UUID | str, why: str) -> bool:
    """Give it to staff: whoever was asked will not answer. `why` is for them alone."""
    row = _locked(check_id)
    if row.status != Status.ASKED:
        return False
    row.note = clean(why)[:LONGEST_NOTE]
    event, machine = row.fail(), get_machine("checks")
    return _keep(row, event, by=machine, reason="Whoever was asked does not answer")


@transaction.atomic
def note_reference(check_id: UUID | str, reference: str | None) -> None:
    """Keep under what reference the outside is working on it."""
    row = _locked(check_id)
    said = " ".join(clean(str(reference or "")).split())[:LONGEST_REFERENCE]
    if row.status == Status.ASKED and said and said != row.reference:
        row.reference = said
        row.save_as(get_machine("checks"), "The outside works on it")


def _locked_customer(customer_id: UUID | str) -> Customer:
    """The customer's row is the lock of all checks of theirs."""
    rows = Customer.objects.select_for_update(of=("self",)).select_related("tenant")
    customer: Customer = rows.get(pk=customer_id)
    return customer


def _locked(check_id: UUID | str) -> OutsideCheck:
    found = OutsideCheck.objects.only("customer_id").get(pk=check_id)
    customer = _locked_customer(found.customer_id)
    row: OutsideCheck = OutsideCheck.objects.get(pk=check_id)
    row.customer = customer
    return row


def _keep(row: OutsideCheck, event: Event | None, *, by: User, reason: str) -> bool:
    """Save and publish when something happened; tell whether it did."""
    if event is None:
        return False
    row.save_as(by, reason)
    publish(event, by=by, tenant_id=row.tenant_id)
    return True
