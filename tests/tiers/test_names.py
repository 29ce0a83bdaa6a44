"""A tier is called what the institution calls it, wherever it is shown."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.registry.labels import tier_names, tier_words
from customers.tiers.services import change_tier, tiers_of
from tenants.models import Tenant, User
from tests.conftest import ClientAs, MakeCustomer, MakeStaff

pytestmark = pytest.mark.django_db


def rename(tenant: Tenant, number: int, name: str, by: User) -> None:
    row = tiers_of(tenant)[number]
    change_tier(row.pk, by=by, reason="A new brand", name=name)


def test_renamed_tiers_on_the_list_and_on_the_page(
    demo_bank: Tenant, second_bank: Tenant, make_customer: MakeCustomer,
    make_staff: MakeStaff, client_as: ClientAs, setup_machine: User,
) -> None:  # fmt: skip
    customer = make_customer()
    client = client_as(make_staff("client_facing"))
    places = [
        reverse("admin:registry_customer_changelist"),
        reverse("admin:registry_customer_change", args=[customer.pk]),
    ]
    for place in places:
        assert "1 Basic" in client.get(place).content.decode()
    rename(demo_bank, 1, "Susu & Co", setup_machine)
    rename(second_bank, 1, "Elsewhere", setup_machine)
    for place in places:
        page = client.get(place).content.decode()
        assert "1 Susu &amp; Co" in page
        assert "1 Basic" not in page
        assert "Elsewhere" not in page


def test_a_name_changed_by_another_process_shows_at_once(
    demo_bank: Tenant, make_customer: MakeCustomer
) -> None:
    """Nothing is kept between requests, so there is nothing to be out of date."""
    customer = make_customer()
    row = tiers_of(demo_bank)[1]
    assert tier_words(customer, tier_names(demo_bank.pk)) == "1 Basic"
    type(row).objects.filter(pk=row.pk).update(name="Plain")
    assert tier_words(customer, tier_names(demo_bank.pk)) == "1 Plain"


def test_before_the_first_look_at_tiers_the_usual_names_hold(
    demo_bank: Tenant, make_customer: MakeCustomer
) -> None:
    names = tier_names(demo_bank.pk)
    assert names == {1: "Basic", 2: "Standard", 3: "Premium", 4: "Business"}
    assert tier_words(make_customer(), {}) == "1"


def test_a_page_of_the_list_asks_once(
    make_customer: MakeCustomer, make_staff: MakeStaff, client_as: ClientAs
) -> None:
    client = client_as(make_staff("client_facing"))
    place = reverse("admin:registry_customer_changelist")
    for _ in range(7):
        make_customer()
    client.get(place)
    with CaptureQueriesContext(connection) as asked:
        client.get(place)
    about = [query for query in asked.captured_queries if "tiers_tier" in query["sql"]]
    assert len(about) == 1
