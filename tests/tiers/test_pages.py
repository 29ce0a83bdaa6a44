"""The tier panel, the lists of tiers and channels, and who may change them."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from customers.registry.models import Customer
from customers.tiers.models import ChannelRule, EvidenceKind, Tier
from customers.tiers.panels import build_tier
from customers.tiers.services import channel_rules_of, tiers_of
from tenants.models import Tenant, User
from tests.conftest import ClientAs, Deliver, MakeCustomer, MakeStaff
from tests.tiers.conftest import COMPANY, Prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(make_staff: MakeStaff) -> User:
    return make_staff("client_facing")


@pytest.fixture
def boss(make_staff: MakeStaff) -> User:
    return make_staff("administrator")


def rows(customer: Customer, user: User) -> dict[str, dict[str, Any]]:
    return {row["title"]: row for row in build_tier(customer, user).rows}


# --- the panel --------------------------------------------------------------------
def test_limits_and_what_is_missing_with_its_verb(
    make_customer: MakeCustomer, deliver: Deliver, clerk: User
) -> None:
    customer = make_customer()
    deliver()
    view = build_tier(customer, clerk)
    assert view.note == "1 Basic"
    assert [(r["title"], r.get("value") or r.get("meta")) for r in view.rows] == [
        ("Maximum balance", "10,000.00 USD"),
        ("Largest transaction", "5,000.00 USD"),
        ("Access", "USSD, mobile (limited)"),
        ("Features", "P2P transfer, basic bill payment"),
        ("KYC deadline", "Web: on the day of registration"),
        ("Verified phone", "For tier 1"),
        ("Identity document", "For tier 2"),
        ("Proof of address", "For tier 2"),
        ("Verified identity", "For tier 2"),
        ("Verified e-mail", "For Web"),
    ]
    shown = rows(customer, clerk)
    verbs = {title: row["verb"] for title, row in shown.items() if row.get("verb")}
    assert verbs == {
        "Verified phone": "Send code", "Identity document": "Add",
        "Proof of address": "Add", "Verified e-mail": "Send link",
        "Verified identity": "Start KYC",
    }  # fmt: skip
    place = reverse("admin:documents_upload", args=[customer.pk])
    assert shown["Proof of address"]["verb_url"] == f"{place}?kind=address_proof"
    assert "contacts/phone" in shown["Verified phone"]["verb_url"]


def test_no_verbs_for_who_may_not(
    make_customer: MakeCustomer, make_staff: MakeStaff
) -> None:
    shown = rows(make_customer(), make_staff("teller"))
    assert not [row for row in shown.values() if row.get("verb")]


def test_at_the_top_nothing_is_missing(
    make_customer: MakeCustomer, prove: Prove, deliver: Deliver, clerk: User
) -> None:
    company = make_customer(verified=True, **COMPANY)
    deliver()
    prove(company, *EvidenceKind)
    view = build_tier(company, clerk)
    assert view.note == "4 Business"
    assert [row["title"] for row in view.rows] == [
        "Maximum balance", "Largest transaction", "Access", "Features",
    ]  # fmt: skip
    assert view.rows[0]["value"] == "no limit"


def test_a_deadline_that_passed_is_told(
    make_customer: MakeCustomer, clerk: User
) -> None:
    customer = make_customer(channel="mobile")
    long_ago = timezone.now() - timedelta(days=9)
    Customer.objects.filter(pk=customer.pk).update(registered_at=long_ago)
    customer.refresh_from_db()
    row = rows(customer, clerk)["KYC deadline"]
    assert (row["note"], row["meta"]) == (
        "overdue by 2 d", "Mobile: within 7 d of registration",
    )  # fmt: skip


def test_the_customer_page_carries_the_panel(
    make_customer: MakeCustomer, clerk: User, client_as: ClientAs
) -> None:
    url = reverse("admin:registry_customer_change", args=[make_customer().pk])
    page = client_as(clerk).get(url).content.decode()
    assert "<h2>Tier</h2>" in page
    assert "10,000.00 USD" in page


# --- the settings -------------------------------------------------------------------
def test_the_lists_show_what_holds(
    demo_bank: Tenant, clerk: User, client_as: ClientAs
) -> None:
    client = client_as(clerk)
    page = client.get(reverse("admin:tiers_tier_changelist")).content.decode()
    for words in (
        "1 Basic",
        "4 Business",
        "25,000.00 USD",
        "no limit",
        "Verified phone",
    ):
        assert words in page
    page = client.get(reverse("admin:tiers_channelrule_changelist")).content.decode()
    for words in ("Web", "within 7 d of registration", "on the day of registration"):
        assert words in page
    assert Tier.objects.filter(tenant=demo_bank).count() == 4


def test_an_administrator_changes_a_tier(
    demo_bank: Tenant, boss: User, client_as: ClientAs
) -> None:
    row, client = tiers_of(demo_bank)[1], client_as(boss)
    page = client.get(reverse("admin:tiers_tier_change", args=[row.pk]))
    url = reverse("admin:tiers_tier_edit", args=[row.pk])
    assert url in page.content.decode()
    assert 'value="10000.00"' in client.get(url).content.decode()
    said = {"name": "Plain", "max_balance": "900.50", "max_transaction": "",
            "access": "USSD", "features": "", "reason": "A new law"}  # fmt: skip
    answer = client.post(url, said)
    assert "may not be larger than the maximum" in answer.content.decode()
    answer = client.post(url, {**said, "max_transaction": "90"})
    assert answer.status_code == 302
    now = row.history.first()
    assert (now.name, now.max_transaction, now.history_user) == ("Plain", 90, boss)
    assert now.history_change_reason == "A new law"
    page = client.get(reverse("admin:tiers_tier_history", args=[row.pk]))
    assert "A new law" in page.content.decode()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"max_balance": "0"}, "Limits must be above 0"),
        ({"max_balance": "-5"}, "Limits must be above 0"),
        ({"max_balance": "900.005"}, "USD has 2 digits behind the point."),
        ({"max_balance": "NaN"}, "Enter a number."),
        ({"max_balance": "1e30"}, "no more than"),
        ({"name": ""}, "Give the name."),
        ({"reason": ""}, "Say why in a few words."),
        ({"max_transaction": "901"}, "may not be larger than the maximum"),
    ],
)
def test_what_the_form_refuses(
    demo_bank: Tenant, boss: User, client_as: ClientAs, said: dict[str, str],
    sentence: str,
) -> None:  # fmt: skip
    row = tiers_of(demo_bank)[1]
    fine = {"name": "Plain", "max_balance": "900", "max_transaction": "90",
            "access": "USSD", "features": "", "reason": "A new law"}  # fmt: skip
    url = reverse("admin:tiers_tier_edit", args=[row.pk])
    page = client_as(boss).post(url, fine | said).content.decode()
    assert sentence in page
    assert row.history.count() == 1


@pytest.mark.parametrize("days", ["-1", "367", "soon", ""])
def test_a_term_that_cannot_be(
    demo_bank: Tenant, boss: User, client_as: ClientAs, days: str
) -> None:
    row = channel_rules_of(demo_bank)["web"]
    url = reverse("admin:tiers_channelrule_edit", args=[row.pk])
    said = {"kyc_within_days": days, "reason": "A new law"}
    answer = client_as(boss).post(url, said)
    assert answer.status_code == 200
    assert row.history.count() == 1
    answer = client_as(boss).post(url, {**said, "kyc_within_days": "366"})
    assert answer.status_code == 302
    assert ChannelRule.objects.get(pk=row.pk).kyc_within_days == 366


def test_others_may_read_and_not_write(
    demo_bank: Tenant, make_staff: MakeStaff, client_as: ClientAs
) -> None:
    row = tiers_of(demo_bank)[1]
    client = client_as(make_staff("compliance_officer"))
    change = reverse("admin:tiers_tier_change", args=[row.pk])
    edit = reverse("admin:tiers_tier_edit", args=[row.pk])
    page = client.get(change)
    assert page.status_code == 200
    assert edit not in page.content.decode()
    assert client.post(change, {"name": "x"}).status_code == 405
    assert client.get(edit).status_code == 403
    assert client.post(edit, {"name": "x", "reason": "y"}).status_code == 403
    assert row.history.count() == 1


def test_another_banks_rows_are_not_there(
    second_bank: Tenant, boss: User, client_as: ClientAs
) -> None:
    client = client_as(boss)
    theirs = tiers_of(second_bank)[1]
    for page in ("change", "edit", "history"):
        url = reverse(f"admin:tiers_tier_{page}", args=[theirs.pk])
        assert client.get(url).status_code == 404, page
    url = reverse("admin:tiers_tier_edit", args=[theirs.pk])
    said = {"name": "x", "max_balance": "9", "max_transaction": "9", "reason": "y"}
    assert client.post(url, said).status_code == 404
    assert theirs.history.count() == 1
