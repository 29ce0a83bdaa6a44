"""From verified to active: every step, twice, late and out of order."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from customers.registry.choices import (
    Activity,
    Channel,
    KycLevel,
)
from customers.registry.services import (
    update_customer,
    verify_customer,
)
from deposits.models import Account
from deposits.services import open_account
from events.models import Delivery
from onboarding.models import Login, PortalAccess, Provisioning
from onboarding.welcome import hand_over_password
from tenants.models import Tenant, User
from tenants.services import change_policy
from tests.conftest import Deliver, MakeCustomer
from tests.onboarding.conftest import (
    delivery_of,
    login_of,
    offboard,
    published,
    sent_password,
    tracker_of,
    user_of,
)

pytestmark = pytest.mark.django_db
STEPS = (
    "onboarding.start_provisioning",
    "onboarding.create_login",
    "onboarding.send_welcome",
    "onboarding.activate_customer",
    "deposits.open_default_account",
)


def test_all_steps_of_a_verified_customer(
    make_customer: MakeCustomer, deliver: Deliver
) -> None:
    customer = make_customer(verified=True)
    deliver()
    login, tracker = login_of(customer), tracker_of(customer)
    assert (login.provider, login.status) == ("embedded", Login.Status.ENABLED)
    assert login.login_name == customer.email
    user = user_of(login)
    assert user.username == f"customer:demo:{customer.email}"
    assert not user.is_staff
    assert [group.name for group in user.groups.all()] == ["customer"]
    assert not user.get_all_permissions()
    assert tracker.is_complete
    assert tracker.completed_at
    assert tracker.started_at == customer.verified_at
    customer.refresh_from_db()
    assert customer.activity == Activity.ACTIVE
    assert Account.objects.get(customer=customer).status == Account.Status.ACTIVE
    assert published("ProvisioningCompleted") == 1
    assert not Delivery.objects.all().open().exists()


def test_the_welcome_says_what_is_needed(
    make_customer: MakeCustomer, deliver: Deliver
) -> None:
    customer = make_customer(name="Zoë O'Neill & Co <b>", verified=True)
    deliver()
    (message,) = mail.outbox
    assert message.to == [customer.email]
    assert message.subject == "Welcome to Demo Bank"
    body = str(message.body)
    for words in (
        "Dear Zoë O'Neill & Co <b>,",
        "http://testserver/portal/demo/",
        customer.email,
    ):
        assert words in body
    password = sent_password()
    user = user_of(login_of(customer))
    assert user.check_password(password)
    assert PortalAccess.objects.get(user=user).must_change_password
    # Nowhere in the database does the password stand in clear.
    for version in user.history.all():
        assert password not in str(version.__dict__)
    for delivery in Delivery.objects.select_related("event"):
        assert password not in f"{delivery.event.payload}{delivery.last_error}"


@pytest.mark.parametrize("handler", STEPS)
def test_every_step_twice(
    handler: str,
    make_customer: MakeCustomer,
    deliver: Deliver,
    again: Callable[[str], None],
) -> None:
    customer = make_customer(verified=True)
    deliver()
    tracker = tracker_of(customer)
    again(handler)
    assert len(mail.outbox) == 1
    assert User.objects.filter(kind=User.Kind.CUSTOMER).count() == 1
    assert Account.objects.count() == 1
    for name in ("LoginCreated", "WelcomeSent", "AccountOpened", "ActivityChanged"):
        assert published(name) == 1
    assert tracker_of(customer).completed_at == tracker.completed_at


def test_offboarded_before_anything_was_delivered(
    make_customer: MakeCustomer, setup_machine: User, deliver: Deliver
) -> None:
    customer = make_customer(verified=True)
    offboard(customer, setup_machine)
    deliver()
    assert not Login.objects.exists()
    assert not mail.outbox
    assert not Delivery.objects.all().open().exists()
    assert not Provisioning.objects.all().under_way().exists()


def test_two_banks_with_the_same_customer(
    make_customer: MakeCustomer, second_bank: Tenant, deliver: Deliver
) -> None:
    email = "ama@mail.example"
    here = make_customer(email=email, verified=True)
    there = make_customer(email=email, tenant=second_bank, verified=True)
    deliver()
    names = {user_of(login_of(c)).username for c in (here, there)}
    assert names == {f"customer:demo:{email}", f"customer:second:{email}"}
    assert len(mail.outbox) == 2
    assert {str(m.subject) for m in mail.outbox} == {
        "Welcome to Demo Bank", "Welcome to Second Bank"
    }  # fmt: skip
    assert all(tracker_of(c).completed_at for c in (here, there))


def test_without_email_the_branch_hands_over(
    make_customer: MakeCustomer, deliver: Deliver, setup_machine: User
) -> None:
    customer = make_customer(email="", channel=Channel.AGENT, verified=True)
    deliver()
    tracker = tracker_of(customer)
    assert not mail.outbox
    assert tracker.welcome_way == Provisioning.Way.BRANCH
    assert tracker.welcome_sent_at is None
    waiting = Provisioning.objects.all()
    assert waiting.awaiting_hand_over().get() == tracker
    assert not waiting.stuck(timezone.now() + timedelta(days=1), []).exists()
    password = hand_over_password(customer.pk, by=setup_machine)
    assert user_of(login_of(customer)).check_password(password)
    tracker = tracker_of(customer)
    assert tracker.completed_at
    assert tracker.history.first().history_user == setup_machine
    assert published("HandOverAwaited") == published("WelcomeSent") == 1
    assert login_of(customer).login_name == customer.phone


def test_an_email_that_comes_later_gets_the_welcome(
    make_customer: MakeCustomer, deliver: Deliver, setup_machine: User
) -> None:
    customer = make_customer(email="", channel=Channel.AGENT, verified=True)
    deliver()
    changes = {"email": "late@mail.example"}
    update_customer(customer.pk, changes=changes, by=setup_machine, reason="Asked")
    deliver()
    assert [m.to for m in mail.outbox] == [["late@mail.example"]]
    assert tracker_of(customer).welcome_way == Provisioning.Way.EMAIL
    assert tracker_of(customer).completed_at


def test_an_account_opened_by_hand_makes_nobody_active(
    make_customer: MakeCustomer,
    demo_bank: Tenant,
    setup_machine: User,
    deliver: Deliver,
) -> None:
    change_policy(demo_bank.pk, by=setup_machine, reason="Pilot", kyc_required=False)
    customer = make_customer()
    open_account(customer.pk, by=setup_machine)
    deliver()
    customer.refresh_from_db()
    assert customer.activity == Activity.INACTIVE
    assert not Provisioning.objects.exists()
    verify_customer(customer.pk, level=KycLevel.BASIC, by=setup_machine, reason="ok")
    deliver()
    customer.refresh_from_db()
    assert customer.activity == Activity.ACTIVE


def test_the_deliveries_that_end_provisioning_are_known_by_name(
    make_customer: MakeCustomer, deliver: Deliver
) -> None:
    make_customer(verified=True)
    deliver()
    assert all(delivery_of(handler).done_at for handler in STEPS)
