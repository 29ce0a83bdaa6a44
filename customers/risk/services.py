"""What may be asked about risk: lock, decide, save, publish."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from common.errors import DomainError
from common.reading.countries import COUNTRIES
from common.text import clean
from customers.registry.choices import LIVING, Risk
from customers.registry.models import Customer, Task, TaskKind
from customers.registry.services import close_task, record_risk
from customers.risk.countries import RatedCountry, rated_countries, unscored
from customers.risk.country_rule import INVALID, check_by_index, refused
from customers.risk.events import CountryRiskSet, RiskAssessed
from customers.risk.models import Assessment, CountryRisk
from customers.risk.rating import rate
from events.services import publish
from tenants.models import Tenant, User
from tenants.packs.loader import Pack, RiskFactor, load_packs

MAX_JUSTIFICATION = 1000  # characters


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """An answer for each factor; `override` "" where the rules decide alone.

    `country_justification` says why a country without a score may be low.
    `id` makes the second press of the button harmless; `pack_version` is the one
    whose factors were read, None where nobody read any.
    """

    id: UUID
    answers: Mapping[str, str]
    country_justification: str = ""
    override: str = ""
    justification: str = ""
    pack_version: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What the rules make of a checklist, before anybody keeps it."""

    answers: dict[str, str]
    countries: list[RatedCountry]
    country_justification: str
    computed: Risk


def work_out(
    customer: Customer, answers: Mapping[str, str], country_justification: str = ""
) -> Outcome:
    """Check the answers and rate them. Raises DomainError naming the factor.

    The justification is kept where some country has no score, and dropped elsewhere.
    """
    factors = {factor.key: factor for factor in pack_of(customer).risk}
    for key in answers:
        if key not in factors:
            message = f"The checklist has no factor “{clean(key)[:40]}”."
            raise DomainError(message, code=INVALID, field=key)
    countries = rated_countries(customer)
    why = _justified(country_justification) if unscored(countries) else ""
    checked = {
        key: _checked(factor, str(answers.get(key) or ""))
        for key, factor in factors.items()
    }
    for key, factor in factors.items():
        if factor.by_index:
            check_by_index(factor, checked[key], countries, why)
    return Outcome(checked, countries, why, rate(checked.values()))


def _justified(said: str) -> str:
    why = clean(said)
    if len(why) > MAX_JUSTIFICATION:
        message = f"Say it in at most {MAX_JUSTIFICATION:,} characters."
        raise DomainError(message, code=INVALID, field="country_justification")
    return why


def pack_of(customer: Customer) -> Pack:
    return load_packs()[customer.tenant.pack]


def _checked(factor: RiskFactor, answer: str) -> str:
    if not answer:
        raise refused(factor, "choose a rating")
    if answer not in factor.ratings:
        raise refused(factor, "that rating may not be chosen here")
    return answer


@transaction.atomic
def assess_customer(
    customer_id: UUID | str, *, checklist: Checklist, by: User
) -> Assessment:
    """Keep an assessment; it is the current one from now on.

    The same checklist twice gives the same assessment. Raises DomainError.
    """
    customer = _living(customer_id)
    known: Assessment | None = Assessment.objects.filter(pk=checklist.id).first()
    if known is not None:
        _refuse_foreign(known, customer)
        return known
    pack = pack_of(customer)
    if checklist.pack_version not in (None, pack.version):
        raise DomainError("The checklist changed meanwhile; begin it anew.")
    outcome = work_out(customer, checklist.answers, checklist.country_justification)
    assessment = Assessment(
        id=checklist.id, tenant=customer.tenant, customer=customer,
        pack=pack.name, pack_version=pack.version, answers=outcome.answers,
        countries=[country.kept() for country in outcome.countries],
        country_justification=outcome.country_justification,
        routes=[route.kept() for route in pack.routes_of(customer.entity_type)],
        computed=outcome.computed, assessed_by=by, assessed_at=timezone.now(),
    )  # fmt: skip
    assessment.conclude(outcome.computed)
    _supersede(customer, by)
    assessment.save_as(by, "Risk assessed", force_insert=True)
    event = RiskAssessed(
        customer_id=str(customer.pk), assessment_id=str(assessment.pk),
        risk=outcome.computed,
    )  # fmt: skip
    publish(event, by=by, tenant_id=customer.tenant_id)
    if checklist.override:
        _overrule(assessment, checklist.override, checklist.justification, by)
    _record(assessment, by)
    _close_reviews(customer, by)
    return assessment


def _refuse_foreign(known: Assessment, customer: Customer) -> None:
    if known.customer_id != customer.pk:
        raise DomainError("This checklist was about another customer; begin anew.")


def _living(customer_id: UUID | str) -> Customer:
    customer: Customer = Customer.objects.select_for_update().get(pk=customer_id)
    if customer.status not in LIVING:
        raise DomainError(f"Cannot assess: {customer} is {customer.status}.")
    return customer


def _supersede(customer: Customer, by: User) -> None:
    for earlier in Assessment.objects.current().filter(customer=customer):
        earlier.is_current = False
        earlier.save_as(by, "A newer assessment was made")


@transaction.atomic
def override_assessment(
    assessment_id: UUID, *, rating: str, justification: str, by: User
) -> Assessment:
    """Rate otherwise than the factors say, with a reason; the current one alone.

    Raises DomainError.
    """
    found = Assessment.objects.only("customer_id").get(pk=assessment_id)
    # The customer's row is the lock of all that is current about them.
    _living(found.customer_id)
    assessment: Assessment = Assessment.objects.select_for_update().get(pk=found.pk)
    if not assessment.is_current:
        raise DomainError("A newer assessment was made; override that one.")
    _overrule(assessment, rating, justification, by)
    _record(assessment, by)
    return assessment


def _overrule(assessment: Assessment, rating: str, why: str, by: User) -> None:
    why = clean(why)
    if rating not in Risk.values:
        raise DomainError("Choose a rating.", code=INVALID, field="override")
    if not why:
        message = "Say why the rating is not what the factors say."
        raise DomainError(message, code=INVALID, field="justification")
    if len(why) > MAX_JUSTIFICATION:
        message = f"Say it in at most {MAX_JUSTIFICATION:,} characters."
        raise DomainError(message, code=INVALID, field="justification")
    if rating == assessment.final:
        message = f"The rating is {Risk(rating).label.lower()} already."
        raise DomainError(message, code=INVALID, field="override")
    event = assessment.overrule(Risk(rating), why)
    assessment.save_as(by, why)
    publish(event, by=by, tenant_id=assessment.tenant_id)


def _record(assessment: Assessment, by: User) -> None:
    risk = Risk(assessment.final)
    record_risk(assessment.customer_id, risk, by=by, reason="Risk assessed")


def _close_reviews(customer: Customer, by: User) -> None:
    tasks = Task.objects.open().filter(customer=customer, kind=TaskKind.RISK_REVIEW)
    for task in tasks:
        close_task(task.pk, outcome="Assessed anew", by=by)


@transaction.atomic
def rate_country(
    tenant: Tenant, *, country: str, rating: str, by: User, reason: str
) -> CountryRisk:
    """Rate a country otherwise than the index, or "" to follow it again.

    Customers keep their rating until they are assessed again. Raises DomainError.
    """
    if country not in COUNTRIES:
        raise DomainError("Choose a country.", code=INVALID, field="country")
    if rating and rating not in Risk.values:
        raise DomainError("Choose a rating.", code=INVALID, field="rating")
    # The tenant's row is the lock: two who rate one country come one after the other.
    Tenant.objects.select_for_update().get(pk=tenant.pk)
    rows = CountryRisk.objects.for_tenant(tenant.pk)
    known: CountryRisk | None = rows.filter(country=country).first()
    row = known or CountryRisk(tenant=tenant, country=country)
    if row.rating == rating:
        return row
    row.rating = rating
    row.save_as(by, reason)
    event = CountryRiskSet(country=country, risk=rating)
    publish(event, by=by, tenant_id=tenant.pk, reason=reason)
    return row
