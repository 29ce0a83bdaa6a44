"""Providers that are down: steps wait for them, others do not wait for the step."""

import logging
from collections.abc import Callable

import pytest
from django.core import mail
from pytest_django import Settings

from customers.registry.choices import Activity
from customers.registry.services import update_customer
from events.models import Delivery
from onboarding.models import Login
from onboarding.services import record_welcome
from tenants.models import Tenant, User
from tests.conftest import Deliver, MakeCustomer
from tests.onboarding.conftest import (
    RefusingSink,
    Sink,
    delivery_of,
    login_of,
    password_in,
    published,
    sent_password,
    text_of,
    tracker_of,
)

pytestmark = pytest.mark.django_db
StartSmtp = Callable[[Sink, int], None]


def use_smtp(settings: Settings, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_TIMEOUT = 5


def test_identity_provider_down_then_up(
    make_customer: MakeCustomer,
    deliver: Deliver,
    settings: Settings,
    closed_port: int,
) -> None:
    settings.KEYCLOAK_SERVER_URL = f"http://127.0.0.1:{closed_port}"
    settings.KEYCLOAK_CLIENT_SECRET = "nobody-listens"
    customer = make_customer(verified=True)
    deliver()
    for tries in (1, 2):
        delivery = delivery_of("onboarding.create_login")
        assert delivery.attempts == tries
        assert delivery.status == Delivery.Status.DUE
        assert delivery.last_error == "Keycloak does not answer."
        deliver(hurry=True)
    # Account and activity did not wait for the login.
    customer.refresh_from_db()
    assert customer.activity == Activity.ACTIVE
    assert not Login.objects.exists()
    settings.KEYCLOAK_SERVER_URL = ""
    deliver(hurry=True)
    assert login_of(customer).provider == "embedded"
    assert tracker_of(customer).completed_at


def test_mail_server_down_then_refusing_then_up(
    make_customer: MakeCustomer,
    deliver: Deliver,
    settings: Settings,
    closed_port: int,
    start_smtp: StartSmtp,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    use_smtp(settings, closed_port)
    customer = make_customer(verified=True)
    deliver()
    assert delivery_of("onboarding.send_welcome").last_error == (
        "The mail server does not answer."
    )
    tracker = tracker_of(customer)
    assert tracker.activated_at
    assert tracker.welcome_sent_at is None
    user = User.objects.get(pk=login_of(customer).provider_id)
    assert not user.has_usable_password()  # none was made in vain
    sink = Sink()
    start_smtp(sink, closed_port)
    deliver(hurry=True)
    (body,) = sink.bodies
    password = password_in(text_of(body))
    user.refresh_from_db()
    assert user.check_password(password)
    assert tracker_of(customer).completed_at
    # (The sink of the test logs what it reads, under "mail".)
    ours = [record for record in caplog.records if not record.name.startswith("mail")]
    assert ours
    assert not any(password in record.getMessage() for record in ours)
    deliver(hurry=True)
    assert len(sink.bodies) == 1


def test_mail_refused_by_the_server(
    make_customer: MakeCustomer,
    deliver: Deliver,
    settings: Settings,
    closed_port: int,
    start_smtp: StartSmtp,
) -> None:
    use_smtp(settings, closed_port)
    start_smtp(RefusingSink(), closed_port)
    make_customer(verified=True)
    deliver()
    delivery = delivery_of("onboarding.send_welcome")
    assert delivery.last_error == "The mail server refused the mail (SMTP 451)."
    assert delivery.status == Delivery.Status.DUE


def test_killed_between_the_mail_and_the_receipt(
    make_customer: MakeCustomer,
    deliver: Deliver,
    again: Callable[[str], None],
    setup_machine: User,
) -> None:
    """The second mail's password works, the first one's no longer does."""
    customer = make_customer(verified=True)
    deliver()
    first = sent_password()
    tracker = tracker_of(customer)
    tracker.welcome_sent_at = tracker.completed_at = None
    tracker.save_as(setup_machine, "The receipt was lost")
    again("onboarding.send_welcome")
    second = sent_password()
    user = User.objects.get(pk=login_of(customer).provider_id)
    assert len(mail.outbox) == 2
    assert user.check_password(second)
    assert not user.check_password(first)
    assert record_welcome(customer.pk, way="email", by=setup_machine) is False


def test_a_taken_name_goes_to_staff_at_once(
    make_customer: MakeCustomer,
    deliver: Deliver,
    setup_machine: User,
    demo_bank: Tenant,
) -> None:
    thief = User(
        tenant=demo_bank,
        kind=User.Kind.CUSTOMER,
        username="customer:demo:ama@mail.example",
    )
    thief.save_as(setup_machine, "Left over")
    customer = make_customer(email="ama@mail.example", verified=True)
    deliver()
    delivery = delivery_of("onboarding.create_login")
    assert delivery.status == Delivery.Status.FAILED
    assert delivery.attempts == 1
    assert "has this name already" in delivery.last_error
    assert "@" not in delivery.last_error
    changes = {"email": "ama.mensah@mail.example"}
    update_customer(customer.pk, changes=changes, by=setup_machine, reason="Asked")
    Delivery.objects.filter(pk=delivery.pk).update(status=Delivery.Status.DUE)
    deliver()
    assert login_of(customer).login_name == "ama.mensah@mail.example"


def test_a_change_while_the_login_was_being_made(
    make_customer: MakeCustomer, deliver: Deliver, setup_machine: User
) -> None:
    """The update is delivered before there is a login; making it sees the e-mail."""
    customer = make_customer(verified=True)
    changes = {"email": "quick@mail.example"}
    update_customer(customer.pk, changes=changes, by=setup_machine, reason="Asked")
    deliver()
    assert login_of(customer).login_name == "quick@mail.example"
    assert [m.to for m in mail.outbox] == [["quick@mail.example"]]
    assert published("LoginRenamed") == 0
