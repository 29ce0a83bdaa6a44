"""The login closes, opens and follows the customer, in whatever order news arrives."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from customers.registry.choices import (
    DeclineReason,
    SuspensionReason,
)
from customers.registry.services import (
    decline_customer,
    reinstate_customer,
    suspend_customer,
    update_customer,
)
from events.delivery import run_due
from events.models import Delivery
from onboarding.logins import follow_contacts, make_login
from onboarding.models import Login
from onboarding.services import record_login_name, record_login_status
from tenants.models import User
from tests.conftest import Deliver, MakeCustomer
from tests.onboarding.conftest import (
    login_of,
    offboard,
    published,
    sent_password,
    tracker_of,
    user_of,
)

pytestmark = pytest.mark.django_db
REASON = SuspensionReason.DUE_DILIGENCE


def test_login_closes_and_opens_with_the_relationship(
    make_customer: MakeCustomer,
    setup_machine: User,
    deliver: Deliver,
    again: Callable[[str], None],
) -> None:
    customer = make_customer(verified=True)
    deliver()
    suspend_customer(customer.pk, reason=REASON, by=setup_machine)
    deliver()
    again("onboarding.disable_login")
    assert login_of(customer).status == Login.Status.DISABLED
    assert not user_of(login_of(customer)).is_active
    reinstate_customer(customer.pk, reason="Papers came", by=setup_machine)
    deliver()
    again("onboarding.enable_login")
    assert login_of(customer).status == Login.Status.ENABLED
    assert user_of(login_of(customer)).is_active
    assert (published("LoginDisabled"), published("LoginEnabled")) == (1, 1)
    assert len(mail.outbox) == 1


def test_reinstated_before_the_suspension_was_delivered(
    make_customer: MakeCustomer, setup_machine: User, deliver: Deliver
) -> None:
    customer = make_customer(verified=True)
    deliver()
    suspend_customer(customer.pk, reason=REASON, by=setup_machine)
    postpone("onboarding.disable_login")
    reinstate_customer(customer.pk, reason="A mistake", by=setup_machine)
    deliver()
    deliver(hurry=True)
    assert login_of(customer).status == Login.Status.ENABLED
    assert user_of(login_of(customer)).is_active


def postpone(handler: str) -> None:
    later = timezone.now() + timedelta(hours=1)
    assert Delivery.objects.filter(handler=handler).update(due_at=later)


def test_what_was_done_meanwhile_is_done_again(
    make_customer: MakeCustomer, setup_machine: User, deliver: Deliver
) -> None:
    """A receipt that no longer fits the customer is refused, so the caller repeats."""
    customer = make_customer(verified=True)
    deliver()
    suspend_customer(customer.pk, reason=REASON, by=setup_machine)
    changes = {"email": "newer@mail.example"}
    update_customer(customer.pk, changes=changes, by=setup_machine, reason="Asked")
    stale = customer.login_name
    assert not record_login_status(customer.pk, is_enabled=True, by=setup_machine)
    assert not record_login_name(customer.pk, login_name=stale, by=setup_machine)
    assert record_login_status(customer.pk, is_enabled=False, by=setup_machine)
    assert login_of(customer).status == Login.Status.DISABLED


def test_renamed_while_the_login_was_being_made(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    as_read_before = make_customer(verified=True)
    changes = {"email": "newer@mail.example"}
    pk = as_read_before.pk
    update_customer(pk, changes=changes, by=setup_machine, reason="Asked")
    login = make_login(as_read_before)
    assert login.login_name == as_read_before.email
    follow_contacts(pk)
    assert login_of(as_read_before).login_name == "newer@mail.example"
    assert user_of(login).email == "newer@mail.example"


def test_suspended_before_the_login_was_made(
    make_customer: MakeCustomer, setup_machine: User, deliver: Deliver
) -> None:
    customer = make_customer(verified=True)
    suspend_customer(customer.pk, reason=REASON, by=setup_machine)
    postpone("onboarding.create_login")
    deliver()  # closes what is not there yet
    deliver(hurry=True)
    assert login_of(customer).status == Login.Status.DISABLED
    assert not user_of(login_of(customer)).is_active
    assert not mail.outbox  # no invitation to a closed door
    reinstate_customer(customer.pk, reason="Papers came", by=setup_machine)
    deliver()
    deliver(hurry=True)
    assert len(mail.outbox) == 1
    assert user_of(login_of(customer)).check_password(sent_password())
    assert tracker_of(customer).completed_at


def test_a_welcome_held_back_though_the_login_never_closed(
    make_customer: MakeCustomer, setup_machine: User, deliver: Deliver
) -> None:
    customer = make_customer(verified=True)
    postpone("onboarding.create_login")
    deliver()
    Delivery.objects.filter(handler="onboarding.create_login").update(
        due_at=timezone.now()
    )
    run_due()  # the login; its welcome is now due
    suspend_customer(customer.pk, reason=REASON, by=setup_machine)
    postpone("onboarding.disable_login")
    deliver()
    assert not mail.outbox
    reinstate_customer(customer.pk, reason="A mistake", by=setup_machine)
    deliver()
    deliver(hurry=True)
    assert published("LoginDisabled") == 0
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("ending", ["offboarded", "declined"])
def test_who_has_left_is_kept_out(
    ending: str, make_customer: MakeCustomer, setup_machine: User, deliver: Deliver
) -> None:
    customer = make_customer(verified=ending == "offboarded")
    if ending == "offboarded":
        deliver()
        offboard(customer, setup_machine)
    else:
        decline_customer(
            customer.pk, reason=DeclineReason.NOT_ELIGIBLE, by=setup_machine
        )
    deliver()
    assert not User.objects.filter(kind=User.Kind.CUSTOMER, is_active=True).exists()


def test_login_follows_the_email(
    make_customer: MakeCustomer,
    setup_machine: User,
    deliver: Deliver,
    again: Callable[[str], None],
) -> None:
    customer = make_customer(verified=True)
    deliver()
    changes = {"email": "New.Name@mail.example"}
    update_customer(customer.pk, changes=changes, by=setup_machine, reason="Asked")
    deliver()
    again("onboarding.keep_login_in_step")
    login = login_of(customer)
    assert login.login_name == "new.name@mail.example"
    user = user_of(login)
    assert user.username == "customer:demo:new.name@mail.example"
    assert user.email == "new.name@mail.example"
    assert published("LoginRenamed") == 1


def test_phone_matters_only_where_it_is_the_login_name(
    make_customer: MakeCustomer, setup_machine: User, deliver: Deliver
) -> None:
    customer = make_customer(verified=True)
    deliver()
    changes = {"phone": "+233244999999"}
    update_customer(customer.pk, changes=changes, by=setup_machine, reason="Asked")
    deliver()
    assert login_of(customer).login_name == customer.email
    assert published("LoginRenamed") == 0
