"""The provisioning panel of the customer page: each step in words, and its verb."""

import pytest
from pytest_django import Settings

from customers.registry import customer_page
from customers.registry.choices import SuspensionReason
from customers.registry.models import Customer
from customers.registry.services import suspend_customer
from events.models import Delivery
from onboarding.panels import build_provisioning
from onboarding.steps import ordinal, steps_of
from tenants.models import User
from tests.conftest import Deliver, MakeCustomer, MakeStaff
from tests.onboarding.conftest import delivery_of, login_of, tracker_of

pytestmark = pytest.mark.django_db
DOWN = "the mail server does not answer."


def test_panel_tells_each_step(welcome_failed: Customer, make_staff: MakeStaff) -> None:
    view = build_provisioning(welcome_failed, make_staff("client_facing"))
    assert view
    assert view.note == "3 of 4 done"
    assert view.is_troubled
    login, welcome, account, activity = view.rows
    assert login["icon"].word == account["icon"].word == "Done"
    assert activity["note"].startswith("active since")
    assert welcome["icon"].tone == "warn"
    assert welcome["meta"].startswith(f"1st try failed: {DOWN} Next try ")
    assert (welcome["verb"], login["verb"]) == ("Try again", "")


def test_panel_without_the_permission_has_no_verbs(
    welcome_failed: Customer, make_staff: MakeStaff
) -> None:
    view = build_provisioning(welcome_failed, make_staff("teller"))
    assert view
    assert not any(row.get("verb") for row in view.rows)


def test_panel_is_absent_before_verification(
    make_customer: MakeCustomer, make_staff: MakeStaff
) -> None:
    assert build_provisioning(make_customer(), make_staff("client_facing")) is None


def test_panel_of_a_given_up_step(
    welcome_failed: Customer, make_staff: MakeStaff
) -> None:
    delivery = delivery_of("onboarding.send_welcome")
    delivery.status, delivery.attempts = Delivery.Status.FAILED, 15
    delivery.save()
    welcome = steps_of(tracker_of(welcome_failed))[1]
    assert welcome.label.tone == "stop"
    assert welcome.words == f"given up at the 15th try: {DOWN}"


def test_panel_of_a_login_that_could_not_be_closed(
    make_customer: MakeCustomer,
    setup_machine: User,
    deliver: Deliver,
    settings: Settings,
    closed_port: int,
) -> None:
    customer = make_customer(verified=True)
    deliver()
    login = login_of(customer)
    login.provider = "keycloak"
    login.save_as(setup_machine, "Moved")
    settings.KEYCLOAK_SERVER_URL = f"http://127.0.0.1:{closed_port}"
    reason = SuspensionReason.DUE_DILIGENCE
    suspend_customer(customer.pk, reason=reason, by=setup_machine)
    deliver()
    step = steps_of(tracker_of(customer))[0]
    assert step.is_troubled
    assert step.words.startswith(
        "disable login: 1st try failed: Keycloak does not answer."
    )
    assert step.can_retry


def test_the_customer_page_asks_for_the_hand_over(
    without_email: Customer, make_staff: MakeStaff
) -> None:
    staff = make_staff("client_facing")
    titles = [item.title for item in customer_page.missing_for(without_email, staff)]
    assert "One-time password" in titles


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"),
     (13, "13th"), (21, "21st"), (111, "111th")],
)  # fmt: skip
def test_ordinals(number: int, words: str) -> None:
    assert ordinal(number) == words
