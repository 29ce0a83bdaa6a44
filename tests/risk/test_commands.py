"""Assess, override, rate a country: what is kept, what is refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from common.errors import DomainError
from customers.contacts.choices import Kind
from customers.contacts.services import add_contact, remove_contact
from customers.registry.choices import DeclineReason, Risk
from customers.registry.models import Customer
from customers.registry.services import decline_customer
from customers.risk.countries import codes_of
from customers.risk.models import Assessment, CountryRisk
from customers.risk.rating import review_due
from customers.risk.services import (
    assess_customer,
    override_assessment,
    pack_of,
    rate_country,
)
from events.models import RecordedEvent
from tenants.models import Tenant, User
from tenants.services import change_policy
from tests.conftest import COMPANY_DETAILS, MakeCustomer
from tests.risk.conftest import Assess, all_low, checklist

pytestmark = pytest.mark.django_db
PERSON = {
    "birth_date": "1991-04-03", "address": "12 Ring Road East, Accra",
    "id_number": "GHA-123456789-1",
}  # fmt: skip
WHY = "Known to the bank for twenty years."


def again(row: Assessment) -> Assessment:
    found: Assessment = Assessment.objects.get(pk=row.pk)
    return found


def refuses(customer: Customer, by: User, field: str, **said: object) -> str:
    with pytest.raises(DomainError) as refusal:
        assess_customer(customer.pk, checklist=checklist(customer, **said), by=by)
    assert refusal.value.field == field
    assert not Assessment.objects.filter(customer=customer).exists()
    return refusal.value.message


def test_an_assessment_is_kept_and_rates_the_customer(
    make_customer: MakeCustomer, assess: Assess, officer: User
) -> None:
    customer = make_customer()
    made = assess(customer, distance="high")
    customer.refresh_from_db()
    assert customer.risk == Risk.HIGH
    assert (made.computed, made.final, made.override) == ("high", "high", "")
    assert (made.diligence, made.is_current) == ("enhanced", True)
    assert (made.pack, made.pack_version) == ("bank", pack_of(customer).version)
    assert made.answers == all_low(customer, distance="high")
    assert made.assessed_by == officer
    assert made.review_due_on == review_due(Risk.HIGH, customer.tenant.today)
    kinds = RecordedEvent.objects.filter(subject_id=str(customer.pk))
    assert kinds.filter(type="RiskAssessed", is_restricted=True).count() == 1
    assert kinds.filter(type="RiskChanged", is_restricted=True).count() == 1


def test_a_newer_one_supersedes_and_the_older_stays(
    make_customer: MakeCustomer, assess: Assess
) -> None:
    customer = make_customer()
    first, second = assess(customer, distance="high"), assess(customer)
    assert [again(first).is_current, again(second).is_current] == [False, True]
    assert again(first).final == Risk.HIGH
    customer.refresh_from_db()
    assert customer.risk == Risk.LOW


def test_the_same_checklist_twice_is_one_assessment(
    make_customer: MakeCustomer, officer: User
) -> None:
    customer, other = make_customer(), make_customer()
    asked = checklist(customer)
    made = [assess_customer(customer.pk, checklist=asked, by=officer) for _ in "ab"]
    assert made[0] == made[1]
    assert Assessment.objects.count() == 1
    with pytest.raises(DomainError, match="another customer"):
        assess_customer(other.pk, checklist=asked, by=officer)


def test_answers_that_do_not_fit_are_refused(
    make_customer: MakeCustomer, officer: User
) -> None:
    customer = make_customer()
    said = refuses(customer, officer, "distance", answers={"distance": ""})
    assert said == "Never met in person: choose a rating."
    refuses(customer, officer, "distance", answers={"distance": "na"})
    refuses(customer, officer, "distance", answers={"distance": "HIGH"})
    refuses(customer, officer, "bullion", answers={"bullion": "low"})


def test_a_checklist_of_an_older_pack_is_refused(
    make_customer: MakeCustomer, officer: User
) -> None:
    said = refuses(make_customer(), officer, "", pack_version=1)
    assert said == "The checklist changed meanwhile; begin it anew."


def test_whose_relationship_ended_is_not_assessed(
    make_customer: MakeCustomer, assess: Assess, officer: User
) -> None:
    customer, gone = make_customer(), make_customer()
    made = assess(customer)
    for each in (customer, gone):
        decline_customer(each.pk, reason=DeclineReason.DUPLICATE, by=officer)
    assert "is archived" in refuses(gone, officer, "")
    with pytest.raises(DomainError, match="is archived"):
        override_assessment(made.pk, rating="high", justification=WHY, by=officer)


# --- override -------------------------------------------------------------------------
def test_an_override_needs_a_justification(
    make_customer: MakeCustomer, officer: User
) -> None:
    customer = make_customer()
    for why in ("", "  ", "x" * 1001):
        said = {"override": "high", "justification": why}
        refuses(customer, officer, "justification", **said)
    refuses(customer, officer, "override", override="extreme", justification=WHY)
    refuses(customer, officer, "override", override="low", justification=WHY)
    customer.refresh_from_db()
    assert customer.risk == ""


def test_an_override_sets_rating_depth_and_term(
    make_customer: MakeCustomer, assess: Assess, officer: User
) -> None:
    customer = make_customer()
    made = assess(customer, distance="high")
    override_assessment(made.pk, rating="low", justification=WHY, by=officer)
    row = again(made)
    assert (row.computed, row.override, row.final) == ("high", "low", "low")
    assert (row.diligence, row.justification) == ("standard", WHY)
    assert row.review_due_on == review_due(Risk.LOW, customer.tenant.today)
    customer.refresh_from_db()
    assert customer.risk == Risk.LOW
    assert row.history.count() == 2
    assert RecordedEvent.objects.filter(type="RatingOverridden").count() == 1


def test_an_override_made_with_the_checklist(
    make_customer: MakeCustomer, officer: User
) -> None:
    customer = make_customer()
    asked = checklist(customer, override="medium", justification=WHY)
    made = assess_customer(customer.pk, checklist=asked, by=officer)
    assert (made.computed, made.final) == ("low", "medium")
    customer.refresh_from_db()
    assert customer.risk == Risk.MEDIUM


def test_only_the_current_one_is_overridden(
    make_customer: MakeCustomer, assess: Assess, officer: User
) -> None:
    customer = make_customer()
    first = assess(customer)
    assess(customer)
    with pytest.raises(DomainError, match="newer assessment"):
        override_assessment(first.pk, rating="high", justification=WHY, by=officer)


def test_the_database_refuses_what_no_command_would(
    make_customer: MakeCustomer, assess: Assess
) -> None:
    made = assess(make_customer())
    rows = Assessment.objects.filter(pk=made.pk)
    for wrong in (
        {"final": "high"},
        {"override": "high"},
        {"override": "high", "final": "high"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)


# --- countries ------------------------------------------------------------------------
def test_the_index_gives_the_least_rating_of_its_factor(
    make_customer: MakeCustomer, officer: User, assess: Assess
) -> None:
    details = {**COMPANY_DETAILS, "country": "HTI"}
    company: dict[str, Any] = {
        "customer_type": "PRIVATE_COMPANY",
        "entity_type": "body_corporate",
    }
    customer = make_customer(**company, details=details)
    for answer in ("low", "medium", "na"):
        said = refuses(customer, officer, "country", answers={"country": answer})
        assert "may not be below high" in said
    made = assess(customer, country="high")
    assert made.countries == [
        {"code": "HTI", "score": "7.92", "rating": "high",
         "source": "Basel AML Index 2024"}
    ]  # fmt: skip
    assert made.final == Risk.HIGH


def test_addresses_are_countries_of_the_file_too(
    make_customer: MakeCustomer, officer: User, assess: Assess
) -> None:
    customer = make_customer(details={**PERSON, "nationality": "DNK"})
    assert codes_of(customer) == ["DNK"]
    values = {"lines": "3 Rue Capois", "town": "Port-au-Prince", "country": "HTI"}
    address = add_contact(customer.pk, Kind.ADDRESS, values=values, by=officer)
    assert codes_of(customer) == ["DNK", "HTI"]
    said = refuses(customer, officer, "country", answers={"country": "low"})
    assert "may not be below high" in said
    assert assess(customer, country="high").final == Risk.HIGH
    remove_contact(Kind.ADDRESS, address.pk, by=officer, reason="Moved")
    assert codes_of(customer) == ["DNK"]


@pytest.mark.parametrize("answer", ["low", "na"])
def test_a_country_that_nobody_rated_is_not_low_without_a_word(
    answer: str, make_customer: MakeCustomer, officer: User, demo_bank: Tenant
) -> None:
    customer = make_customer()  # of Ghana, which has no shipped score
    for why in ("", " \n"):
        said: dict[str, Any] = {"country_justification": why}
        words = refuses(
            customer, officer, "country", answers={"country": answer}, **said
        )
        assert "no score for Ghana" in words
    refuses(
        customer, officer, "country_justification", country_justification="x" * 1001
    )
    asked = checklist(customer, answers={"country": answer}, country_justification=WHY)
    made = assess_customer(customer.pk, checklist=asked, by=officer)
    assert again(made).country_justification == WHY
    rated: dict[str, Any] = {"country": "GHA", "by": officer, "reason": "Our list"}
    rate_country(demo_bank, rating="low", **rated)
    asked = checklist(customer, country_justification="")
    assert assess_customer(customer.pk, checklist=asked, by=officer).final == Risk.LOW


@pytest.mark.parametrize("answer", ["medium", "high"])
def test_a_person_s_own_judgement_needs_no_word(
    answer: str, make_customer: MakeCustomer, officer: User
) -> None:
    customer = make_customer()
    asked = checklist(customer, answers={"country": answer}, country_justification="")
    made = assess_customer(customer.pk, checklist=asked, by=officer)
    assert made.answers["country"] == answer


def test_a_word_that_nobody_asked_for_is_not_kept(
    make_customer: MakeCustomer, officer: User
) -> None:
    customer = make_customer(details={**PERSON, "nationality": "HTI"})
    asked = checklist(customer, answers={"country": "high"}, country_justification=WHY)
    made = assess_customer(customer.pk, checklist=asked, by=officer)
    assert made.country_justification == ""


def test_the_own_list_goes_before_the_index(
    make_customer: MakeCustomer, assess: Assess, officer: User,
    demo_bank: Tenant, second_bank: Tenant,
) -> None:  # fmt: skip
    customer = make_customer()  # of Ghana, which has no shipped score
    assert assess(customer).countries[0]["rating"] == ""
    ghana: dict[str, Any] = {
        "country": "GHA",
        "reason": "A list of the regulator",
        "by": officer,
    }
    rate_country(second_bank, rating="high", **ghana)
    assert assess(customer).final == Risk.LOW
    rate_country(demo_bank, rating="medium", **ghana)
    with pytest.raises(DomainError, match="may not be below medium"):
        assess(customer)
    made = assess(customer, country="medium")
    assert made.countries[0]["source"] == "own list"
    rate_country(demo_bank, rating="", **ghana)
    assert assess(customer).final == Risk.LOW
    assert CountryRisk.objects.for_tenant(demo_bank.pk).count() == 1


def test_a_country_is_rated_once_and_only_as_one_may(
    demo_bank: Tenant, officer: User
) -> None:
    said: dict[str, Any] = {"by": officer, "reason": "A list"}
    for _ in range(2):
        row = rate_country(demo_bank, country="FIN", rating="high", **said)
    assert row.history.count() == 1
    for country, rating in (("XXX", "high"), ("FIN", "na"), ("fin", "low")):
        with pytest.raises(DomainError):
            rate_country(demo_bank, country=country, rating=rating, **said)


def test_the_day_is_that_of_the_institution(
    make_customer: MakeCustomer, assess: Assess, officer: User, demo_bank: Tenant
) -> None:
    change_policy(demo_bank.pk, by=officer, reason="Moved", time_zone="Pacific/Apia")
    customer = Customer.objects.get(pk=make_customer().pk)
    made = assess(customer)
    assert made.review_due_on == review_due(Risk.LOW, customer.tenant.today)
    assert timezone.now() - made.assessed_at < timedelta(minutes=1)
