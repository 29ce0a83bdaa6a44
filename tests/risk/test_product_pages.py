"""Products, engagement and segments over HTTP."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from common.face import day
from customers.registry.models import Customer
from customers.risk.models import Holding, SegmentRule
from customers.risk.segments.rules import rules_of
from events.nightly import run_nightly
from evidence.chapters import chapters
from tenants.models import Tenant
from tests.conftest import ClientAs, MakeCustomer, MakeStaff
from tests.risk.holdings import hold, report
from tests.risk.test_pages import url_of

pytestmark = pytest.mark.django_db
HOLDINGS = "admin:risk_holding_changelist"
ENGAGEMENT = "admin:risk_engagement_changelist"


@pytest.fixture
def front(make_staff: MakeStaff, client_as: ClientAs) -> Client:
    return client_as(make_staff("client_facing"))


@pytest.fixture
def administrator(make_staff: MakeStaff, client_as: ClientAs) -> Client:
    return client_as(make_staff("administrator"))


@pytest.fixture
def customer(make_customer: MakeCustomer) -> Customer:
    return make_customer(verified=True)


def read(client: Client, url: str, **query: str) -> str:
    answer = client.get(url, query)
    assert answer.status_code == 200
    return answer.content.decode()


# --- the customer page --------------------------------------------------------------
def test_the_panel_of_products(front: Client, customer: Customer) -> None:
    page = url_of("registry_customer_change", customer)
    assert "No products yet." in read(front, page)
    made = report(customer).holding
    opened = made.opened_on
    closed = opened + timedelta(days=2)
    report(customer, kind="loan", reference="L-1", status="closed", closed_on=closed)
    html = read(front, page)
    assert "Wallet W-1" in html
    assert "120.50 USD balance, 34 transactions in 90 days" in html
    assert f"Since {day(opened)} until {day(closed)}. 400.00 USD" in html
    assert html.index("Wallet W-1") < html.index("Loan L-1"), "open ones first"
    assert url_of("risk_holding_change", made) in html


def test_many_products_are_cut_and_lead_to_the_list(
    front: Client, customer: Customer
) -> None:
    hold(customer, *["campaign"] * 12)
    html = read(front, url_of("registry_customer_change", customer))
    assert html.count("3 offers, 1 answered") == 10
    assert "the first 10" in html
    assert f"{reverse(HOLDINGS)}?q={customer.public_id}" in html


def test_the_panel_of_engagement(
    front: Client, customer: Customer, make_customer: MakeCustomer
) -> None:
    page = url_of("registry_customer_change", customer)
    assert "Not worked out yet." in read(front, page)
    at = timezone.now() - timedelta(days=12)
    Customer.objects.filter(pk=customer.pk).update(last_activity_at=at, tier=2)
    report(customer)
    run_nightly("segments", customer.tenant)
    html = read(front, page)
    for words in (
        "Standard", "80 of 100", "Last activity 12 days ago", "40 of 40",
        "34 operations", "30 of 30", "1 open product", "10 of 30",
        "By tier 2, 120.50 USD and the score",
    ):  # fmt: skip
        assert words in html, words
    pending = url_of("registry_customer_change", make_customer())
    assert "Engagement counts once the customer is verified." in read(front, pending)


# --- lists --------------------------------------------------------------------------
def test_products_by_kind_status_and_search(
    front: Client, customer: Customer, make_customer: MakeCustomer
) -> None:
    url = reverse(HOLDINGS)
    assert "No products yet." in read(front, url)
    report(customer)
    report(make_customer(name="Kofi Boateng"), kind="card", reference="C-9",
           status="withdrawn")  # fmt: skip
    for query, found, hidden in (
        ({"kind__exact": "card"}, "C-9", "W-1"),
        ({"status__exact": "open"}, "W-1", "C-9"),
        ({"q": "W-1"}, "W-1", "C-9"),
        ({"q": "Boateng"}, "C-9", "W-1"),
        ({"q": customer.public_id}, "W-1", "C-9"),
    ):  # fmt: skip
        html = read(front, url, **query)
        assert f" {found}<" in html, query
        assert f" {hidden}<" not in html, query


def test_a_product_is_read_and_not_changed(
    front: Client, make_staff: MakeStaff, client_as: ClientAs, customer: Customer
) -> None:
    made = report(customer).holding
    page = url_of("risk_holding_change", made)
    html = read(front, page)
    assert "120.50 USD balance" in html
    assert url_of("risk_holding_history", made) not in html
    assert front.post(page, {"reference": "X"}).status_code == 405
    auditor = client_as(make_staff("auditor"))
    version = auditor.get(url_of("risk_holding_history", made)).content.decode()
    assert "Reported: new" in version
    assert Holding.objects.get().reference == "W-1"


def test_engagement_by_score_and_segment(
    front: Client, make_customer: MakeCustomer, demo_bank: Tenant
) -> None:
    url = reverse(ENGAGEMENT)
    assert "engagement is worked out yet" in read(front, url)
    low, high = make_customer(verified=True), make_customer(verified=True)
    Customer.objects.filter(pk=high.pk).update(tier=2)
    hold(high, "wallet", "card")
    run_nightly("segments", demo_bank)
    html = read(front, url)
    assert html.index(high.public_id) < html.index(low.public_id)
    only = read(front, url, segment__exact="standard")
    assert high.public_id in only
    assert low.public_id not in only
    assert low.public_id in read(front, url, q=low.public_id)
    answer = front.get(url_of("risk_engagement_change", high.engagement))
    assert answer["Location"] == url_of("registry_customer_change", high)


@pytest.mark.parametrize("name", [HOLDINGS, ENGAGEMENT])
def test_lists_ask_no_more_for_more_rows(
    name: str, front: Client, make_customer: MakeCustomer, demo_bank: Tenant
) -> None:
    def asked() -> int:
        run_nightly("segments", demo_bank)
        front.get(reverse(name))
        with CaptureQueriesContext(connection) as found:
            front.get(reverse(name))
        return len(found)

    hold(make_customer(verified=True), "wallet")
    few = asked()
    for _ in range(6):
        hold(make_customer(verified=True), "wallet", "loan")
    assert asked() == few


# --- segments -------------------------------------------------------------------------
RULE = {"min_tier": "3", "min_balance": "12000.50", "min_score": "70", "reason": "New"}


def test_a_rule_is_changed_with_a_reason(
    administrator: Client, front: Client, demo_bank: Tenant
) -> None:
    url = reverse("admin:risk_segmentrule_changelist")
    assert "10,000.00 USD" in read(administrator, url)
    premium = SegmentRule.objects.get(segment="premium")
    edit = url_of("risk_segmentrule_edit", premium)
    assert "10000.00" in read(administrator, edit)
    assert administrator.post(edit, RULE).status_code == 302
    premium.refresh_from_db()
    assert (str(premium.min_balance), premium.min_score) == ("12000.500", 70)
    assert premium.history.first().history_change_reason == "New"
    assert "12,000.50 USD" in read(front, url_of("risk_segmentrule_change", premium))
    assert front.post(edit, RULE).status_code == 403
    assert set(rules_of(demo_bank)) == {"premium", "standard"}


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"min_tier": "1"}, "Premium may not ask for a tier below standard’s 2."),
        ({"min_score": "29"}, "Premium may not ask for an engagement below standard"),
        ({"min_tier": "5"}, "Tiers are 1 to 4."),
        ({"min_tier": ""}, "Give the tier."),
        ({"min_balance": "-1"}, "A balance is 0 or more."),
        ({"min_balance": "NaN"}, "Give an amount."),
        ({"min_balance": "1.005"}, "USD has 2 digits behind the point."),
        ({"min_balance": "1" + "0" * 40}, "no more than 18 digits"),
        ({"min_score": "101"}, "Engagement is 0 to 100."),
        ({"min_score": "many"}, "Give a whole number, 0 to 100."),
        ({"reason": ""}, "Say why in a few words."),
    ],
)
def test_a_rule_that_cannot_be_is_refused_in_a_sentence(
    said: dict[str, str], sentence: str, administrator: Client, demo_bank: Tenant
) -> None:
    premium = rules_of(demo_bank)["premium"]
    edit = url_of("risk_segmentrule_edit", premium)
    answer = administrator.post(edit, {**RULE, **said})
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert premium.history.count() == 1


# --- the evidence pack --------------------------------------------------------------
def test_the_pack_has_products_and_engagement(customer: Customer) -> None:
    report(customer)
    run_nightly("segments", customer.tenant)
    known = {each.key: each.provider for each in chapters()}
    (products,) = known["products"](customer)
    (engagement,) = known["engagement"](customer)
    assert [row["reference"] for row in products.rows or ()] == ["W-1"]
    (row,) = engagement.rows or ()
    assert row["score"] == 80
    assert json.loads(json.dumps(row["components"]))["products"] == 1
