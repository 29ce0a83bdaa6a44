"""What Sumsub knows: fills what is empty, shows what differs, overwrites nothing."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from common.errors import DomainError, StaleVersionError
from common.text import fold, normalize_name
from customers.registry.models import Customer
from customers.registry.services import update_customer
from events.services import publish
from kyc.events import DifferencesFound, DifferencesResolved
from kyc.models import Applicant, Difference
from kyc.sumsub.types import ApplicantState, Company, Person
from tenants.models import User


def facts_of(state: ApplicantState) -> dict[str, str]:
    """Our names for what Sumsub read; what it does not say is absent."""
    facts: dict[str, str] = {}
    if state.person:
        facts |= _facts_of_person(state.person)
    if state.company:
        facts |= _facts_of_company(state.company)
    return {key: value for key, value in facts.items() if value}


def _facts_of_person(person: Person) -> dict[str, str]:
    names = (person.first_name, person.middle_name, person.last_name)
    number = next((doc.number for doc in person.documents if doc.number), "")
    return {
        "name": " ".join(name for name in names if name),
        "birth_date": person.birth_date.isoformat() if person.birth_date else "",
        "nationality": person.nationality,
        "address": person.address,
        "id_number": number,
    }


def _facts_of_company(company: Company) -> dict[str, str]:
    day = company.incorporated_on
    return {
        "name": company.name,
        "registration_number": company.registration_number,
        "country": company.country,
        "address": company.legal_address,
        "incorporated_on": day.isoformat() if day else "",
        "tax_number": company.tax_id,
    }


def is_same(field: str, ours: str, theirs: str) -> bool:
    """Whether two spellings mean the same: case, accents, order of names aside."""
    if field == "name":
        return sorted(normalize_name(ours).split()) == sorted(
            normalize_name(theirs).split()
        )
    return fold(ours).replace(" ", "") == fold(theirs).replace(" ", "")


def ours_now(customer: Customer) -> dict[str, str]:
    """What our file says of each field that Sumsub may speak about."""
    asked = {field.key: "" for field in customer.pack_form.fields}
    return {"name": customer.name, **asked, **customer.details}


@transaction.atomic
def note_facts(
    customer: Customer, attempt: Applicant, state: ApplicantState, *, by: User
) -> None:
    """Fill empty fields, and open a difference for each that says otherwise.

    The attempt keeps the names of the fields that agree; the caller saves it.
    """
    ours, theirs = ours_now(customer), facts_of(state)
    empty = {k: v for k, v in theirs.items() if k in ours and not ours[k]}
    _fill(customer, empty, by)
    differing = {
        key: value
        for key, value in theirs.items()
        if ours.get(key) and not is_same(key, ours[key], value)
    }
    attempt.agreed_fields = [
        key for key in theirs if ours.get(key) and key not in differing
    ]
    opened = [
        field
        for field, value in differing.items()
        if _open_difference(customer, attempt, field, ours[field], value, by)
    ]
    if opened:
        event = DifferencesFound(customer_id=str(customer.pk), fields=opened)
        publish(event, by=by, tenant_id=customer.tenant_id)


def _fill(customer: Customer, facts: Mapping[str, str], by: User) -> None:
    """In one deed; a value of a shape we refuse must not keep out the others."""
    try:
        _take_in(customer, facts, by)
    except DomainError:
        for field, value in facts.items():
            with suppress(DomainError):  # staff still see it at Sumsub
                _take_in(customer, {field: value}, by)
    customer.refresh_from_db()


def _take_in(customer: Customer, facts: Mapping[str, str], by: User) -> None:
    with transaction.atomic():
        update_customer(
            customer.pk, changes={"details": facts}, by=by, reason="Read by Sumsub"
        )


def _open_difference(
    customer: Customer, attempt: Applicant, field: str, ours: str, theirs: str, by: User
) -> bool:
    rows = Difference.objects.filter(customer=customer, field=field)
    # Decided once, the same value of Sumsub is not asked about again.
    if any(row.theirs == theirs for row in rows):
        return False
    if stale := rows.open().first():
        stale.ours, stale.theirs, stale.attempt = ours, theirs, attempt
        stale.save_as(by, "Sumsub changed what it says")
        return True
    Difference(
        tenant_id=customer.tenant_id, customer=customer, attempt=attempt, field=field,
        ours=ours, theirs=theirs, found_at=timezone.now(),
    ).save_as(by, "Sumsub says otherwise")  # fmt: skip
    return True


def fingerprint(rows: Iterable[Difference]) -> str:
    """Which rows with which values somebody looked at; keyed, so it tells no value."""
    said = sorted((str(row.pk), row.theirs) for row in rows)
    return salted_hmac("kyc.differences", repr(said), algorithm="sha256").hexdigest()


@transaction.atomic
def resolve_differences(
    customer_id: UUID, *, accepted: list[str], by: User,
    row_version: int | None = None, seen: str | None = None,
) -> list[str]:  # fmt: skip
    """Take Sumsub's value for the accepted fields, keep ours for the other open ones.

    Returns the fields changed. Raises DomainError when none is open, and
    StaleVersionError when they are not those whose `fingerprint` was `seen`.
    """
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    rows = list(Difference.objects.open().filter(customer=customer))
    if not rows:
        raise DomainError("These differences were decided already.")
    if seen is not None and seen != fingerprint(rows):
        raise StaleVersionError("Sumsub says something else by now; look again.")
    taken = [row for row in rows if row.field in accepted]
    changes: dict[str, object] = {
        row.field: row.theirs for row in taken if row.field == "name"
    }
    changes["details"] = {row.field: row.theirs for row in taken if row.field != "name"}
    changed = update_customer(
        customer_id, changes=changes, by=by, reason="Sumsub’s value accepted",
        row_version=row_version,
    )  # fmt: skip
    now = timezone.now()
    for row in rows:
        is_taken = row in taken
        row.status = Difference.Status.ACCEPTED if is_taken else Difference.Status.KEPT
        row.decided_at, row.decided_by = now, by
        row.save_as(by, "Accepted" if is_taken else "Kept ours")
    kept = [row.field for row in rows if row not in taken]
    event = DifferencesResolved(
        customer_id=str(customer_id), accepted=[r.field for r in taken], kept=kept
    )
    publish(event, by=by, tenant_id=customer.tenant_id)
    return changed
