"""Verification on the customer page: the dialog, the panel, what may tip off."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from customers.registry import customer_page
from customers.registry.models import Customer, KycStatus
from kyc.models import Applicant, Callback, Difference
from kyc.panels import say_waits
from kyc.sandbox.models import SandboxLink
from kyc.services import start_attempt
from tenants.models import User
from tests.conftest import ClientAs, MakeCustomer, MakeStaff
from tests.house import (
    GREEN,
    RED_FINAL,
    RED_RETRY,
    House,
    path_of,
    quarantined,
)

pytestmark = pytest.mark.django_db


# --- Start KYC --------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_the_link_is_shown_once(
    house: House, client_as: ClientAs, clerk: User, make_customer: MakeCustomer
) -> None:
    customer, client = make_customer(), client_as(clerk)
    path = path_of("kyc_start", customer.pk)
    asked = client.get(path).content.decode()
    assert "shown once" in asked
    assert not SandboxLink.objects.exists()
    answer = client.post(path)
    page = answer.content.decode()
    token = SandboxLink.objects.get().token
    assert page.count(token) == 2  # to read, and to copy
    assert "<svg" in page
    assert re.search(r"Valid until <time[^>]*>\d\d:\d\d</time>, 30 min\.", page)
    assert "no-store" in answer["Cache-Control"]
    board = path_of("registry_customer_change", customer.pk)
    for again in (path, path_of("kyc_chase"), board):
        assert token not in client.get(again).content.decode()
    second = client.post(path).content.decode()
    assert token not in second
    assert SandboxLink.objects.count() == 2
    assert Applicant.objects.count() == 1


def test_sumsub_down_is_one_plain_sentence(
    client_as: ClientAs, clerk: User, make_customer: MakeCustomer, settings: Any
) -> None:
    settings.SUMSUB_BASE_URL = "http://127.0.0.1:9"
    path = path_of("kyc_start", make_customer().pk)
    page = client_as(clerk).post(path).content.decode()
    assert "Sumsub does not answer now; try again in a few minutes." in page
    assert "v-qr" not in page


def test_a_refusal_offers_no_button(
    client_as: ClientAs, clerk: User, make_customer: MakeCustomer
) -> None:
    path = path_of("kyc_start", make_customer(verified=True).pk)
    page = client_as(clerk).get(path).content.decode()
    assert "is verified until" in page
    assert 'type="submit"' not in page


# --- the customer page, and tipping off -------------------------------------------
def test_labels_and_staff_comments_are_for_compliance_alone(
    client_as: ClientAs, clerk: User, officer: User, make_customer: MakeCustomer,
    say: Any, make_staff: MakeStaff,
) -> None:  # fmt: skip
    customer = make_customer()
    start_attempt(customer.pk, by=clerk)
    said = {"labels": ("FORGERY",), "client_comment": "Known ring.",
            "moderation_comment": "Photograph the whole page."}  # fmt: skip
    say(customer, **RED_RETRY, **said)
    path = path_of("registry_customer_change", customer.pk)
    for user in (clerk, make_staff("teller")):
        page = client_as(user).get(path).content.decode()
        assert "Photograph the whole page." in page
        assert "Resubmit" in page
        for secret in ("Forgery", "FORGERY", "Known ring."):
            assert secret not in page, user.roles
    page = client_as(officer).get(path).content.decode()
    assert "Forgery" in page
    assert "Known ring." in page
    chase = client_as(clerk).get(path_of("kyc_chase")).content.decode()
    assert "Photograph the whole page." in chase
    assert "Known ring." not in chase


def test_the_front_line_cannot_tell_that_an_escalation_exists(
    client_as: ClientAs, clerk: User, differing: Customer, say: Any
) -> None:
    """Quarantine, differences and decisions leave its page as it is, byte for byte."""
    path = path_of("registry_customer_change", differing.pk)
    client = client_as(clerk)
    before = client.get(path).content
    callback = quarantined(externalUserId=str(differing.pk))
    Callback.objects.filter(pk=callback.pk).update(customer=differing)
    Difference.objects.update(status="kept")
    assert strip(client.get(path).content) == strip(before)


def strip(page: bytes) -> bytes:
    page = re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", page)
    page = re.sub(rb"X-CSRFToken[^}]+", b"", page)
    return re.sub(rb"\d+ (s|min) ago", b"", page)


@pytest.mark.parametrize(
    ("review", "words"),
    [
        (None, "KYC link unused"),
        ({"status": "pending"}, "Sumsub’s review"),
        ({"status": "onHold"}, "Sumsub’s review"),
        (RED_RETRY, "New documents from the customer"),
        ({"status": "awaitingUser"}, "New documents from the customer"),
        (RED_FINAL, None),
        (GREEN, None),
    ],
)
def test_what_a_customer_waits_for(
    make_customer: MakeCustomer, say: Any, clerk: User, review: Any, words: str | None
) -> None:
    customer = make_customer()
    assert customer_page.waits_for([customer], clerk)[customer.pk] == "KYC to start"
    start_attempt(customer.pk, by=clerk)
    if review:
        say(customer, **review)
    assert customer_page.waits_for([customer], clerk).get(customer.pk) == words


def test_waits_are_two_queries_for_a_whole_page(
    make_customer: MakeCustomer, differing: Customer, officer: User,
    django_assert_num_queries: Any,
) -> None:  # fmt: skip
    page = [differing, *(make_customer() for _ in range(5))]
    assert officer.has_perm("kyc.view_difference"), "known to them from now on"
    with django_assert_num_queries(2):
        waits = say_waits(page, officer)
    assert waits[differing.pk] == "Differences to accept"


def test_the_list_says_nothing_of_a_difference_to_the_front_line(
    client_as: ClientAs, clerk: User, officer: User, differing: Customer,
    make_staff: MakeStaff,
) -> None:  # fmt: skip
    """Byte for byte the same; what the difference hid from compliance is still said."""
    path = path_of("registry_customer_changelist")
    front = [client_as(clerk), client_as(make_staff("teller"))]
    before = [strip(client.get(path).content) for client in front]
    assert b"Differences to accept" in client_as(officer).get(path).content
    Difference.objects.update(status="kept")
    assert b"Differences to accept" not in client_as(officer).get(path).content
    assert [strip(client.get(path).content) for client in front] == before


def test_a_difference_hides_nothing_from_the_front_line(
    clerk: User, officer: User, differing: Customer
) -> None:
    Applicant.objects.filter(customer=differing).update(status="approved")
    Customer.objects.filter(pk=differing.pk).update(kyc_status=KycStatus.PENDING)
    differing.refresh_from_db()
    words = [customer_page.waits_for([differing], u) for u in (clerk, officer)]
    said = [found.get(differing.pk) for found in words]
    assert said == ["KYC to start", "Differences to accept"]


def test_the_primary_button_follows_the_state(
    make_customer: MakeCustomer, say: Any, clerk: User, officer: User
) -> None:
    customer = make_customer()

    def button(user: User) -> tuple[str, bool] | None:
        deeds = customer_page.deeds_for(customer, user)
        found = [d for d in deeds if "KYC" in d.title and d.title != "Decide KYC"]
        return (found[0].title, found[0].is_primary) if found else None

    assert button(clerk) == ("Start KYC", True)
    start_attempt(customer.pk, by=clerk)
    assert button(clerk) == ("New KYC link", True)
    say(customer, status="pending")
    assert button(clerk) == ("New KYC link", False)
    say(customer, **RED_FINAL)
    assert button(clerk) is None
    assert button(officer) == ("Start KYC", True)
    say(customer, **GREEN)
    assert button(officer) is None
    assert customer.kyc_status == KycStatus.VERIFIED
    due = timezone.localdate() + timedelta(days=20)
    customer.kyc_expires_on = due
    assert button(clerk) == ("Start KYC", True)
