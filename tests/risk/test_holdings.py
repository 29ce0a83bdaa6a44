"""Reports of products: once, in order, whole or not at all."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from common.errors import DomainError
from customers.registry.models import Customer
from customers.risk.choices import HoldingKind
from customers.risk.holdings.labels import figure_words
from customers.risk.holdings.reporting import Outcome, report_holding
from customers.risk.holdings.schemas import SCHEMAS, check_figures
from customers.risk.models import Holding
from events.models import RecordedEvent
from tenants.models import Tenant
from tenants.services import get_machine
from tests.conftest import MakeCustomer, race
from tests.house import events
from tests.risk.holdings import FIGURES, a_report, report

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def customer(make_customer: MakeCustomer) -> Customer:
    return make_customer()


# --- what is kept -------------------------------------------------------------------
@pytest.mark.parametrize("kind", HoldingKind.values)
def test_every_kind_is_kept_with_version_and_fact(
    kind: str, customer: Customer
) -> None:
    made = report(customer, kind=kind)
    assert made.outcome == Outcome.NEW
    kept = Holding.objects.get()
    assert (kept.customer_id, kept.kind) == (customer.pk, kind)
    assert kept.figures == FIGURES[kind]
    assert kept.history.get().history_change_reason == "Reported: new"
    fact = RecordedEvent.objects.get(type="HoldingReported")
    assert fact.payload == {
        "customer_id": str(customer.pk), "holding_id": str(kept.pk), "kind": kind,
        "status": "open",
    }  # fmt: skip


def test_the_same_report_twice_changes_nothing(customer: Customer) -> None:
    asked = a_report()
    first = report(customer, asked)
    again = report(customer, asked)
    assert again.outcome == Outcome.REPEATED
    assert again.holding.pk == first.holding.pk
    assert Holding.objects.get().history.count() == 1
    assert events("HoldingReported") == 1


def test_a_younger_report_holds_and_an_older_one_comes_too_late(
    customer: Customer,
) -> None:
    now = timezone.now()
    old = a_report(reported_at=now - 2 * DAY)
    young = a_report(
        reported_at=now - DAY, status="closed", closed_on=old.opened_on + DAY
    )
    assert report(customer, old).outcome == Outcome.NEW
    assert report(customer, young).outcome == Outcome.CHANGED
    assert report(customer, old).outcome == Outcome.LATE
    kept = Holding.objects.get()
    assert (kept.status, kept.reported_at) == ("closed", young.reported_at)
    assert kept.history.count() == 2
    assert events("HoldingReported") == 2


def test_what_is_confirmed_moves_its_time_and_tells_nobody(customer: Customer) -> None:
    asked = a_report()
    report(customer, asked)
    later = replace(asked, reported_at=asked.reported_at + timedelta(minutes=1))
    assert report(customer, later).outcome == Outcome.CONFIRMED
    assert Holding.objects.get().reported_at == later.reported_at
    assert events("HoldingReported") == 1


def test_two_reports_of_one_moment_may_not_differ(customer: Customer) -> None:
    asked = a_report()
    report(customer, asked)
    with pytest.raises(DomainError, match="name the same time"):
        report(customer, replace(asked, status="withdrawn"))
    assert Holding.objects.get().status == "open"


def test_amounts_are_written_alike_however_they_came(customer: Customer) -> None:
    asked = a_report(figures={"balance": "120.5", "currency": "USD"})
    report(customer, asked)
    same = replace(asked, figures={"currency": "USD", "balance": "0120.50"})
    assert report(customer, same).outcome == Outcome.REPEATED
    assert Holding.objects.get().figures["balance"] == "120.50"


# --- whose it is --------------------------------------------------------------------
def test_another_customers_reference_is_refused(
    customer: Customer, make_customer: MakeCustomer
) -> None:
    report(customer)
    other = make_customer()
    with pytest.raises(DomainError) as refused:
        report(other)
    assert refused.value.code == "REFERENCE_TAKEN"
    assert customer.name not in refused.value.message
    assert Holding.objects.get().customer_id == customer.pk
    assert report(other, kind="card").outcome == Outcome.NEW


def test_another_bank_may_use_the_same_reference(
    customer: Customer, make_customer: MakeCustomer, second_bank: Tenant
) -> None:
    report(customer)
    there = make_customer(tenant=second_bank)
    assert report(there).outcome == Outcome.NEW
    assert Holding.objects.for_tenant(second_bank.pk).get().customer_id == there.pk


@pytest.mark.django_db(transaction=True)
def test_two_at_once_about_one_reference(make_customer: MakeCustomer) -> None:
    here, there = make_customer(), make_customer()
    asked = a_report()
    results = race(
        lambda: report(here, asked), lambda: report(here, asked),
        lambda: report(there, asked),
    )  # fmt: skip
    refused = [each for each in results if isinstance(each, DomainError)]
    assert all(each.code == "REFERENCE_TAKEN" for each in refused)
    assert [each for each in results if isinstance(each, Exception)] == refused
    assert Holding.objects.count() == 1
    assert events("HoldingReported") == 1


# --- what is refused ------------------------------------------------------------------
def deep(levels: int) -> Any:
    found: Any = "1"
    for _ in range(levels):
        found = {"x": found}
    return found


WALLET: dict[Any, Any] = {"balance": "1.00", "currency": "USD"}


@pytest.mark.parametrize(
    ("figures", "field"),
    [
        ({**WALLET, "colour": "red"}, "figures"),
        ({**WALLET, 7: "red"}, "figures"),
        ({**WALLET, "x" * 1_000_000: 1}, "figures"),
        ({**WALLET, "\u202eecnalab\x00": 1}, "figures"),
        ({**WALLET, "deep": deep(1000)}, "figures"),
        ({**WALLET, "balance": deep(1000)}, "balance"),
        ({**WALLET, "balance": "NaN"}, "balance"),
        ({**WALLET, "balance": float("nan")}, "balance"),
        ({**WALLET, "balance": "Infinity"}, "balance"),
        ({**WALLET, "balance": "1e40"}, "balance"),
        ({**WALLET, "balance": "1" + "0" * 40}, "balance"),
        ({**WALLET, "balance": 10**40}, "balance"),
        ({**WALLET, "balance": "9" * 1_000_000}, "balance"),
        ({**WALLET, "balance": "-1.00"}, "balance"),
        ({**WALLET, "balance": "1.005"}, "balance"),
        ({**WALLET, "balance": "1.00\n"}, "balance"),
        ({**WALLET, "balance": "١٢"}, "balance"),
        ({**WALLET, "balance": 1.5}, "balance"),
        ({**WALLET, "balance": 12}, "balance"),
        ({**WALLET, "balance": None}, "balance"),
        ({**WALLET, "balance": ""}, "balance"),
        ({**WALLET, "currency": "XXX"}, "currency"),
        ({**WALLET, "currency": ["USD"]}, "currency"),
        ({"balance": "1.00"}, "currency"),
        ({"currency": "USD"}, "balance"),
        ({**WALLET, "transactions_90d": "34"}, "transactions_90d"),
        ({**WALLET, "transactions_90d": -1}, "transactions_90d"),
        ({**WALLET, "transactions_90d": True}, "transactions_90d"),
        ({**WALLET, "transactions_90d": 3.0}, "transactions_90d"),
        ({**WALLET, "transactions_90d": 10**40}, "transactions_90d"),
        ([], "figures"),
        (None, "figures"),
        ('{"balance": "1.00"}', "figures"),
    ],
)
def test_figures_out_of_shape_are_refused(
    figures: Any, field: str, customer: Customer
) -> None:
    with pytest.raises(DomainError) as refused:
        report(customer, figures=figures)
    assert refused.value.field == field
    assert len(refused.value.message) < 150
    assert "\u202e" not in refused.value.message
    assert not Holding.objects.exists()
    assert not events("HoldingReported")


TODAY = timezone.localdate()


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "yacht"}, "kind"),
        ({"kind": ["wallet"]}, "kind"),
        ({"status": "lost"}, "status"),
        ({"reference": ""}, "reference"),
        ({"reference": "x" * 65}, "reference"),
        ({"reference": "W 1"}, "reference"),
        ({"reference": "W-1\n"}, "reference"),
        ({"reference": "<b>"}, "reference"),
        ({"reference": 7}, "reference"),
        ({"opened_on": TODAY + 2 * DAY}, "opened_on"),
        ({"opened_on": date(1899, 12, 31)}, "opened_on"),
        ({"opened_on": datetime.now(UTC)}, "opened_on"),
        ({"opened_on": "2026-01-01"}, "opened_on"),
        ({"status": "closed"}, "closed_on"),
        ({"status": "open", "closed_on": TODAY}, "closed_on"),
        ({"status": "closed", "closed_on": TODAY + 2 * DAY}, "closed_on"),
        ({"status": "closed", "closed_on": TODAY - 11 * DAY}, "closed_on"),
        ({"status": "withdrawn", "closed_on": TODAY - 11 * DAY}, "closed_on"),
        ({"reported_at": timezone.now() + DAY}, "reported_at"),
        ({"reported_at": datetime.now()}, "reported_at"),  # noqa: DTZ005 - a naive one
        ({"reported_at": datetime.min.replace(tzinfo=UTC)}, "reported_at"),
        ({"reported_at": datetime.max.replace(tzinfo=UTC)}, "reported_at"),
        ({"reported_at": "now"}, "reported_at"),
    ],
)
def test_the_rest_of_a_report_is_checked(
    said: dict[str, Any], field: str, customer: Customer
) -> None:
    with pytest.raises(DomainError) as refused:
        report(customer, **said)
    assert refused.value.field == field
    assert not Holding.objects.exists()


def test_a_bad_report_leaves_a_known_product_alone(customer: Customer) -> None:
    report(customer)
    with pytest.raises(DomainError):
        report(customer, reported_at=timezone.now(), figures={"colour": "red"})
    assert Holding.objects.get().history.count() == 1


def test_the_largest_amount_and_currencies_without_digits() -> None:
    most = check_figures(
        HoldingKind.WALLET, {"balance": "9999999999999", "currency": "JPY"}
    )
    assert most == {"balance": "9999999999999", "currency": "JPY"}
    with pytest.raises(DomainError, match="JPY has 0 digits"):
        check_figures(HoldingKind.WALLET, {"balance": "1.0", "currency": "JPY"})


def test_figures_in_plain_words() -> None:
    assert figure_words("wallet", FIGURES["wallet"]) == (
        "120.50 USD balance, 34 transactions in 90 days"
    )
    assert figure_words("loan", FIGURES["loan"]) == (
        "400.00 USD outstanding, 900.00 USD lent"
    )
    assert figure_words("other", {}) == ""
    assert SCHEMAS.keys() == set(HoldingKind)


def test_nobody_is_nobody(customer: Customer) -> None:
    missing = get_machine("setup").pk
    with pytest.raises(Customer.DoesNotExist):
        report_holding(missing, a_report(), by=get_machine("setup"))
    assert customer.holdings.count() == 0
