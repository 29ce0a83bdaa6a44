"""What may be asked of linked accounts: lock, decide, save, publish."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from common.errors import DomainError
from common.reading.countries import COUNTRIES, country_name
from common.text import clean
from customers.registry.models import Customer
from deposits.events import LinkedAccountAdded, LinkedAccountMadePrimary
from deposits.linked.choices import WORLDWIDE, LinkedKind, RefusalReason, Way
from deposits.linked.holders import compare_holder, matching_holder
from deposits.linked.locking import keep, locked, locked_customer, refuse_own
from deposits.linked.numbers import Number, clean_number
from deposits.linked.papers import proofs_of
from deposits.linked.proving import confirm_test_amount, end_amounts, send_test_amount
from deposits.models import LinkedAccount
from tenants.models import User

__all__ = [
    "LinkRequest", "compare_holder", "confirm_test_amount", "link_account",
    "make_primary", "refuse_linked_account", "remove_linked_account",
    "send_test_amount", "verify_by_document",
]  # fmt: skip

MOST = 20  # living ones of a customer; more are a slip or an attack
READ = "Verified by a document; number and holder stand on the paper"
LONGEST_INSTITUTION, LONGEST_NAME, LONGEST_WHY = 120, 200, 200  # characters


@dataclass(frozen=True, kw_only=True)
class LinkRequest:
    """What is said about the account; `id` makes a repeat harmless.

    `country` may be "" for an IBAN, which says it itself.
    """

    kind: str
    institution: str
    holder_name: str
    number: str
    country: str
    id: UUID | None = None


@transaction.atomic
def link_account(
    customer_id: UUID | str, asked: LinkRequest, *, by: User
) -> LinkedAccount:
    """Add an account or wallet elsewhere; the same `id` again is the known one.

    Raises DomainError: CUSTOMER_INACTIVE, INVALID_IBAN, INVALID_ACCOUNT_NUMBER, …
    """
    customer = locked_customer(customer_id)
    if known := _known(customer, asked.id):
        return known
    row = _row(customer, asked)
    row.added_at, row.added_by = timezone.now(), by
    _refuse_known(row)
    event = LinkedAccountAdded(
        customer_id=str(customer.pk), linked_account_id=str(row.pk), kind=row.kind
    )
    keep(row, event, by=by, reason="Added", force_insert=True)
    return row


def _known(customer: Customer, linked_id: UUID | None) -> LinkedAccount | None:
    if linked_id is None:
        return None
    known: LinkedAccount | None = LinkedAccount.objects.filter(pk=linked_id).first()
    if known and known.customer_id != customer.pk:
        raise DomainError("This form has linked an account already; begin anew.")
    return known


def _row(customer: Customer, asked: LinkRequest) -> LinkedAccount:
    """The row of what was said, each part checked. Raises DomainError."""
    if asked.kind not in LinkedKind.values:
        raise DomainError("Choose a bank account or a wallet.", field="kind")
    if asked.country and asked.country not in COUNTRIES:
        raise DomainError("Choose a country.", field="country")
    number = clean_number(asked.kind, asked.number)
    return LinkedAccount(
        tenant=customer.tenant,
        customer=customer,
        kind=asked.kind,
        institution=_text(asked.institution, LONGEST_INSTITUTION, "institution"),
        holder_name=_text(asked.holder_name, LONGEST_NAME, "holder_name"),
        country=_country(asked.country, number),
        number=number.text,
        number_kind=number.kind,
        number_index=number.index,
        last_four=number.last_four,
        **({"id": asked.id} if asked.id else {}),
    )


def _country(said: str, number: Number) -> str:
    """Where the account is. Raises DomainError where an IBAN says otherwise."""
    country = number.country or said
    if not country:
        raise DomainError("Choose a country.", field="country")
    if said and said != country:
        name = country_name(country)
        message = f"The country of this IBAN is {name}; choose it, or mend the IBAN."
        raise DomainError(message, field="country")
    return country


def _text(text: str, most: int, field: str) -> str:
    words = " ".join(clean(text).split())
    if not any(letter.isalnum() for letter in words):
        noun = "institution" if field == "institution" else "holder’s name"
        raise DomainError(f"Write the {noun}.", field=field)
    if len(words) > most:
        raise DomainError(f"Write it in at most {most} characters.", field=field)
    return words


def _refuse_known(row: LinkedAccount) -> None:
    living = LinkedAccount.objects.living().filter(customer_id=row.customer_id)
    same = living.filter(number_index=row.number_index)
    if row.number_kind not in WORLDWIDE:
        same = same.filter(institution=row.institution)
    if same.exists():
        raise DomainError("This customer has this account already.", field="number")
    if living.count() >= MOST:
        message = (
            f"{row.customer} has {MOST} linked accounts already; remove one first."
        )
        raise DomainError(message)


@transaction.atomic
def verify_by_document(
    linked_id: UUID | str, *, document_id: UUID | str, shows_both: bool, by: User
) -> bool:
    """Verify it by the holder's name and an accepted document; True when it moved.

    `shows_both`: `by` has read number and holder on the paper. Raises NotForYouError
    for who added it, DomainError: NAME_DIFFERS, NO_PROOF.
    """
    customer, row = locked(linked_id)
    alone = refuse_own(row, {row.added_by_id: "added it"}, by)
    match = matching_holder(row)
    proof = proofs_of(customer).filter(pk=document_id).first()
    if proof is None:
        message = "This document proves no account today; choose an accepted one."
        raise DomainError(message, code="NO_PROOF", field="document")
    if not shows_both:
        message = "Number and holder must stand on the paper; choose another one."
        raise DomainError(message, code="NO_PROOF", field="shows_both")
    event = row.verify(Way.DOCUMENT, match, timezone.now())
    if event is None:
        return False
    row.proof, row.decided_by = proof, by
    end_amounts(row)
    return keep(row, event, by=by, reason=f"{READ}{alone}")


@transaction.atomic
def refuse_linked_account(linked_id: UUID | str, *, reason: str, by: User) -> bool:
    """Refuse it, with a reason of the closed list; True when it moved."""
    if reason not in RefusalReason.values:
        raise DomainError("Choose a reason.", field="reason")
    _, row = locked(linked_id)
    event = row.refuse(RefusalReason(reason), timezone.now())
    if event is None:
        return False
    row.decided_by = by
    end_amounts(row)
    words = f"Refused: {RefusalReason(reason).label}"
    return keep(row, event, by=by, reason=words)


@transaction.atomic
def make_primary(linked_id: UUID | str, *, by: User) -> bool:
    """Let payouts go there from now on; True when they did not before.

    Raises DomainError: not verified, NAME_DIFFERS where the name is another by now.
    """
    _, row = locked(linked_id)
    if row.status != LinkedAccount.Status.VERIFIED:
        state = row.get_status_display().lower()
        raise DomainError(f"Cannot make primary: {row} is {state}.")
    if row.is_primary:
        return False
    row.name_match = matching_holder(row)
    mine = LinkedAccount.objects.of_customer(row.customer_id)
    for before in mine.filter(is_primary=True):  # first: the database knows one
        before.is_primary = False
        before.save_as(by, f"{row} is primary now")
    row.is_primary = True
    event = LinkedAccountMadePrimary(
        customer_id=str(row.customer_id), linked_account_id=str(row.pk), kind=row.kind
    )
    return keep(row, event, by=by, reason="Made primary for payouts")


@transaction.atomic
def remove_linked_account(linked_id: UUID | str, *, reason: str, by: User) -> bool:
    """Use it no more; payouts then have no primary one. True when it moved."""
    why = clean(reason)
    if not why or len(why) > LONGEST_WHY:
        message = f"Say why in a few words, at most {LONGEST_WHY} characters."
        raise DomainError(message, field="reason")
    _, row = locked(linked_id)
    end_amounts(row)
    return keep(row, row.remove(), by=by, reason=why)
