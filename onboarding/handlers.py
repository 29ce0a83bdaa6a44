"""What provisioning does when something happens to a customer or an account.

Every handler looks at the present state, so deliveries may come twice, late and out
of order. What no further try can mend is given up at once, for staff to see.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from customers.registry.choices import LIVING
from customers.registry.events import (
    CustomerArchived,
    CustomerOffboarded,
    CustomerReinstated,
    CustomerSuspended,
    CustomerUpdated,
    CustomerVerified,
)
from customers.registry.models import Customer
from deposits.events import AccountOpened
from events.events import GiveUpError, RetryLaterError
from events.models import Delivery
from events.services import deliveries_about, subscribe
from onboarding import services
from onboarding.events import LoginCreated
from onboarding.identity import IdentityRefused, LoginNameTaken
from onboarding.logins import follow_contacts, follow_status, make_login
from onboarding.models import Provisioning
from onboarding.welcome import deliver_welcome
from tenants.services import get_machine


@contextmanager
def _staff_must_act() -> Iterator[None]:
    """Give up at once where only a person can help."""
    try:
        yield
    except (LoginNameTaken, IdentityRefused) as error:
        raise GiveUpError(str(error)) from error


@subscribe(CustomerVerified)
def start_provisioning(event: CustomerVerified) -> None:
    """Begin to track the new customer's way."""
    services.start_provisioning(event.customer_id, by=get_machine("onboarding"))


@subscribe(CustomerVerified)
def create_login(event: CustomerVerified) -> None:
    """Give the new customer a login; none once they have left."""
    customer = Customer.objects.select_related("tenant").get(pk=event.customer_id)
    if customer.status not in LIVING:
        return
    with _staff_must_act():
        make_login(customer)
        # Suspended or renamed while we spoke to the provider: no event tells us again.
        follow_status(customer.pk)
        follow_contacts(customer.pk)


@subscribe(LoginCreated)
def send_welcome(event: LoginCreated) -> None:
    """Send login name and one-time password."""
    with _staff_must_act():
        deliver_welcome(event.customer_id)


@subscribe(CustomerReinstated)
def send_held_welcome(event: CustomerReinstated) -> None:
    """Send the welcome that a suspension held back."""
    _welcome_after_first_try(event.customer_id)


@subscribe(CustomerUpdated)
def send_late_welcome(event: CustomerUpdated) -> None:
    """Send the welcome to an e-mail that came after the branch was asked."""
    waiting = Provisioning.objects.filter(customer_id=event.customer_id)
    if "email" in event.fields and waiting.awaiting_hand_over().exists():
        _welcome_after_first_try(event.customer_id)


def _welcome_after_first_try(customer_id: str) -> None:
    """Two senders at once would send two passwords, so the first try goes first."""
    name = "onboarding.send_welcome"
    first = deliveries_about(customer_id, [name]).get(name)
    if first and first.status in (Delivery.Status.DUE, Delivery.Status.RUNNING):
        raise RetryLaterError("The first welcome is still on its way.")
    with _staff_must_act():
        deliver_welcome(customer_id)


@subscribe(AccountOpened)
def activate_customer(event: AccountOpened) -> None:
    """Note the account and make its customer active; this waits for no mail."""
    services.record_account(event.account_id, by=get_machine("onboarding"))


@subscribe(CustomerSuspended)
def disable_login(event: CustomerSuspended) -> None:
    """Keep a suspended customer out."""
    with _staff_must_act():
        follow_status(event.customer_id)


@subscribe(CustomerReinstated)
def enable_login(event: CustomerReinstated) -> None:
    """Let a reinstated customer in again."""
    with _staff_must_act():
        follow_status(event.customer_id)


@subscribe(CustomerOffboarded)
def disable_login_of_offboarded(event: CustomerOffboarded) -> None:
    """Keep a customer out who has left."""
    with _staff_must_act():
        follow_status(event.customer_id)


@subscribe(CustomerArchived)
def disable_login_of_archived(event: CustomerArchived) -> None:
    """Keep an archived customer out."""
    with _staff_must_act():
        follow_status(event.customer_id)


@subscribe(CustomerUpdated)
def keep_login_in_step(event: CustomerUpdated) -> None:
    """Let the login follow the customer's e-mail and phone."""
    if {"email", "phone"} & set(event.fields):
        with _staff_must_act():
            follow_contacts(event.customer_id)
