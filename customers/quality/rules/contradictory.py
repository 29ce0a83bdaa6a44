"""Answers that cannot all be true."""

from collections.abc import Iterator
from datetime import MAXYEAR, date

from django.db.models import F, Q

from customers.quality.choices import Severity
from customers.quality.rules.board import Hit, Scope, rule, spaced
from customers.quality.rules.files import CustomerFile, file_rule
from customers.registry.models import KycLevel, KycStatus
from tenants.packs.loader import load_packs

# Convention on the Rights of the Child, art. 1; few laws let a minor contract alone.
MAJORITY = 18  # years

_AGES = {
    "after": "born after the registration",
    "minor": f"younger than {MAJORITY} at the registration",
}


@file_rule(
    "age_contradicts_registration",
    title="Too young to have registered",
    says=f"The birth date makes the customer younger than {MAJORITY} on the day of"
    " the registration.",
    advice="Compare the birth date with the ID document.",
    severity=Severity.HIGH,
    page="edit#id_birth_date",
    words=lambda detail: _AGES.get(detail, detail),
)
def age_contradicts_registration(file: CustomerFile) -> Iterator[Hit]:
    if born := birth_date_of(file):
        on = file.sealed.registered_on
        if born > on:
            yield Hit(file.customer_id, "after", value=str(born))
        elif on < birthday(born, MAJORITY):
            yield Hit(file.customer_id, "minor", value=str(born))


def birth_date_of(file: CustomerFile) -> date | None:
    """The birth date on file; None where there is none, or no date."""
    if not file.sealed.is_individual:
        return None
    try:
        return date.fromisoformat(str(file.answers.get("birth_date") or ""))
    except ValueError:
        return None


def birthday(born: date, age: int) -> date:
    """The day of that age; who is born on 29 February grows older on 1 March."""
    if born.year + age > MAXYEAR:
        return date.max
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


@file_rule(
    "answers_not_asked",
    title="Answers of another legal form",
    says="The file has answers that the form of this legal form does not ask, such"
    " as a registration number of an individual.",
    advice="Compliance decides which legal form is right.",
    severity=Severity.MEDIUM,
    words=spaced,
)
def answers_not_asked(file: CustomerFile) -> Iterator[Hit]:
    if foreign := sorted(set(file.answers) - set(file.asked)):
        yield Hit(file.customer_id, ",".join(foreign))


@rule(
    "type_contradicts_form",
    title="Type and legal form do not fit",
    says="The sector pack does not know this type of customer in this legal form.",
    advice="Compliance decides which of the two is right.",
    severity=Severity.MEDIUM,
)
def type_contradicts_form(scope: Scope) -> Iterator[Hit]:
    pack, fitting = load_packs()[scope.tenant.pack], Q(pk=None)
    for key, form in pack.entity_types.items():
        fitting |= Q(entity_type=key, customer_type__in=form.customer_types)
    rows = scope.customers.exclude(fitting)
    for pk, type_, form_ in rows.values_list("pk", "customer_type", "entity_type"):
        yield Hit(pk, value=f"{type_} {form_}")


_VERIFIED = {
    "level": "verified, but without a KYC level",
    "term": "verified, but without an end of its term",
    "before": "verified before the registration",
}


@rule(
    "verified_without_proof",
    title="Verified without proof",
    says="KYC counts as verified, but its level, its term or its time is missing or"
    " impossible.",
    advice="Compliance looks at the versions and repeats KYC if need be.",
    severity=Severity.HIGH,
    words=lambda detail: _VERIFIED.get(detail, detail),
)
def verified_without_proof(scope: Scope) -> Iterator[Hit]:
    verified = scope.customers.filter(kyc_status=KycStatus.VERIFIED)
    reasons = {
        "level": Q(kyc_level=KycLevel.NOT_KYCED),
        "term": Q(kyc_expires_on=None),
        "before": Q(verified_at__lt=F("registered_at")),
    }
    found: dict[object, Hit] = {}
    for detail, wrong in reasons.items():
        for pk in verified.filter(wrong).values_list("pk", flat=True):
            found.setdefault(pk, Hit(pk, detail))
    yield from found.values()
