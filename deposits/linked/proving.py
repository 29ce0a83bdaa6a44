"""Prove an account by a small amount sent there: the customer says how much came."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from common.errors import DomainError
from common.face import moment
from common.keys import new_id
from common.money import minor_digits
from deposits.events import ProofAmountMade
from deposits.linked.choices import Way
from deposits.linked.holders import matching_holder
from deposits.linked.locking import keep, locked, refuse_own
from deposits.models import LinkedAccount, ProofAmount
from events.services import publish
from tenants.models import User

LIFE = timedelta(days=7)
MOST_TRIES = 3
# Guesses add up: three amounts a month and three tries each leave them at 1 in 28.
MOST_SENDS, WITHIN = 3, timedelta(days=30)
MOST_MINOR_UNITS = 250  # 2.50 in most currencies
_SALT = "deposits.proof_amount"
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none is taken for another


@dataclass(frozen=True)
class ShownAmount:
    """What whoever sends it is shown, once."""

    amount: Decimal
    currency: str
    reference: str
    expires_at: datetime


@transaction.atomic
def send_test_amount(
    linked_id: UUID | str, *, by: User, amount_id: UUID | None = None
) -> ShownAmount:
    """Make a small amount with a reference; an earlier one is worth nothing then.

    It is returned once and kept as a hash. Raises DomainError: not to be verified any
    more, NAME_DIFFERS, TOO_MANY_REQUESTS, and for an `amount_id` that was used: it was
    shown already.
    """
    customer, row = locked(linked_id)
    _refuse_unless_unverified(row)
    matching_holder(row)
    if amount_id and ProofAmount.objects.filter(pk=amount_id).exists():
        raise DomainError("This test amount was shown already; make another one.")
    _refuse_flood(row)
    end_amounts(row)
    now = timezone.now()
    units = secrets.randbelow(MOST_MINOR_UNITS) + 1
    made = ProofAmount(
        id=amount_id or new_id(),
        tenant_id=row.tenant_id,
        linked_account=row,
        reference="TA-" + "".join(secrets.choice(_LETTERS) for _ in range(6)),
        made_at=now,
        made_by=by,
        expires_at=now + LIFE,
    )
    made.digest = _digest(made, units)
    made.save(force_insert=True)
    event = ProofAmountMade(
        customer_id=str(customer.pk), linked_account_id=str(row.pk), kind=row.kind
    )
    publish(event, by=by, tenant_id=row.tenant_id)
    currency = customer.tenant.currency
    amount = Decimal(units).scaleb(-minor_digits(currency))
    return ShownAmount(amount, currency, made.reference, made.expires_at)


def confirm_test_amount(linked_id: UUID | str, *, amount: Decimal, by: User) -> bool:
    """Take the amount that the customer says came; True when it is verified now.

    Raises NotForYouError for who added the account or saw the amount, DomainError. A
    wrong try is counted, so it is committed before the refusal is raised.
    """
    answer = _try_amount(linked_id, amount, by)
    if isinstance(answer, DomainError):
        raise answer
    return answer


@transaction.atomic
def _try_amount(linked_id: UUID | str, amount: Decimal, by: User) -> DomainError | bool:
    customer, row = locked(linked_id)
    if row.status == LinkedAccount.Status.VERIFIED:
        return False
    _refuse_unless_unverified(row)
    sent = ProofAmount.objects.open().filter(linked_account=row).first()
    if sent is None or sent.expires_at < timezone.now():
        raise _refusal("No test amount waits for an answer; make one.")
    deeds = {row.added_by_id: "added it"}
    deeds.setdefault(sent.made_by_id, "sent the test amount")
    alone = refuse_own(row, deeds, by)
    match = matching_holder(row)  # an amount shows whose key it is, not whose account
    units = _minor_units(amount, customer.tenant.currency)
    sent.tries += 1
    is_right = hmac.compare_digest(sent.digest, _digest(sent, units))
    if is_right or sent.tries >= MOST_TRIES:
        sent.end(timezone.now())
    sent.save(update_fields=["tries", "digest", "ended_at"])
    if not is_right:
        return _refusal(_sorry(MOST_TRIES - sent.tries))
    event = row.verify(Way.TEST_AMOUNT, match, timezone.now())
    row.decided_by = by
    return keep(row, event, by=by, reason=f"Verified by a test amount{alone}")


def end_amounts(row: LinkedAccount) -> None:
    """Let what was sent be worth nothing any more."""
    rows = ProofAmount.objects.open().filter(linked_account=row)
    rows.update(digest="", ended_at=timezone.now())


def _refuse_unless_unverified(row: LinkedAccount) -> None:
    if row.status != LinkedAccount.Status.UNVERIFIED:
        state = row.get_status_display().lower()
        raise DomainError(
            f"Cannot verify: {row} is {state}.", code="ILLEGAL_TRANSITION"
        )


def _refuse_flood(row: LinkedAccount) -> None:
    since = timezone.now() - WITHIN
    recent = ProofAmount.objects.filter(linked_account=row, made_at__gt=since)
    times = list(recent.order_by("made_at").values_list("made_at", flat=True))
    if len(times) >= MOST_SENDS:
        next_at = moment(times[-MOST_SENDS] + WITHIN)
        message = f"Three were made within 30 days; the next may be made at {next_at}."
        raise DomainError(message, code="TOO_MANY_REQUESTS")


def _minor_units(amount: Decimal, currency: str) -> int:
    """The amount in the smallest unit. Raises DomainError when it cannot be one."""
    if amount.is_finite() and 0 < amount < 10**6:
        units = amount.scaleb(minor_digits(currency))
        if units == units.to_integral_value():
            return int(units)
    raise _refusal(f"Write an amount in {currency}, as in 0.37.")


def _digest(sent: ProofAmount, units: int) -> str:
    """Hash under our key, bound to this amount and the number it was sent to."""
    said = f"{sent.pk}:{sent.linked_account.number_index}:{units}"
    return salted_hmac(_SALT, said, algorithm="sha256").hexdigest()


def _sorry(left: int) -> str:
    if not left:
        return "This is not the amount we sent; no try is left."
    tries = "one try is" if left == 1 else f"{left} tries are"
    return f"This is not the amount we sent; {tries} left."


def _refusal(message: str) -> DomainError:
    return DomainError(message, code="DATA_VALIDATION_FAILED", field="amount")
