"""What is recorded of logins and provisioning: lock, decide, save, publish.

The customer's row is the lock of all of it, so a step that ends while the customer
is suspended or changed sees the one or the other, never half.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from common.errors import DomainError
from customers.registry.choices import LIVING, KycStatus
from customers.registry.choices import Status as CustomerStatus
from customers.registry.models import Customer
from customers.registry.services import activate_customer
from deposits.models import Account
from events.services import publish
from events.services import retry_delivery as retry
from onboarding.events import (
    HandOverAwaited,
    LoginCreated,
    LoginRenamed,
    ProvisioningCompleted,
    ProvisioningStarted,
    StepRetried,
    WelcomeSent,
)
from onboarding.identity import LoginRef
from onboarding.models import Login, Provisioning
from tenants.models import User


def _locked(customer_id: UUID | str) -> Customer:
    locked = Customer.objects.select_for_update(of=("self",)).select_related("tenant")
    customer: Customer = locked.get(pk=customer_id)
    return customer


def _tracker(customer: Customer, by: User) -> Provisioning:
    """Return the customer's tracker; the first step to come makes it."""
    known: Provisioning | None = Provisioning.objects.filter(customer=customer).first()
    if known:
        return known
    started_at = customer.verified_at or timezone.now()
    tracker = Provisioning(
        tenant=customer.tenant, customer=customer, started_at=started_at
    )
    tracker.save_as(by, "Provisioning started")
    event = ProvisioningStarted(customer_id=str(customer.pk))
    publish(event, by=by, tenant_id=customer.tenant_id)
    return tracker


def _keep(tracker: Provisioning, by: User, reason: str, now: datetime) -> None:
    """Save a step, and the end when it was the last."""
    is_end = tracker.is_complete and tracker.completed_at is None
    if is_end:
        tracker.completed_at = now
    tracker.save_as(by, reason)
    if is_end:
        event = ProvisioningCompleted(customer_id=str(tracker.customer_id))
        publish(event, by=by, tenant_id=tracker.tenant_id)


@transaction.atomic
def start_provisioning(customer_id: UUID | str, *, by: User) -> None:
    """Begin to track a verified customer's way; harmless to run twice."""
    _tracker(_locked(customer_id), by)


@transaction.atomic
def record_login(customer_id: UUID | str, ref: LoginRef, *, by: User) -> Login:
    """Remember where the login is kept; harmless to run twice."""
    customer, now = _locked(customer_id), timezone.now()
    login = Login.objects.filter(customer=customer).first()
    if login is None:
        login = Login(
            tenant=customer.tenant,
            customer=customer,
            provider=ref.provider,
            provider_id=ref.provider_id,
            login_name=ref.login_name,
            created_at=now,
        )
        login.save_as(by, "Login created")
        event = LoginCreated(
            customer_id=str(customer.pk), login_id=str(login.pk), provider=ref.provider
        )
        publish(event, by=by, tenant_id=customer.tenant_id)
    elif (login.provider, login.provider_id) != (ref.provider, ref.provider_id):
        login.provider, login.provider_id = ref.provider, ref.provider_id
        login.save_as(by, "Login made anew at the provider")
    tracker = _tracker(customer, by)
    if tracker.login_created_at is None:
        tracker.login_created_at = now
        _keep(tracker, by, "Login created", now)
    return login


def may_sign_in(customer: Customer) -> bool:
    return customer.status == CustomerStatus.ACTIVE


@transaction.atomic
def record_login_status(customer_id: UUID | str, *, is_enabled: bool, by: User) -> bool:
    """Remember that the provider opened or closed the login.

    False when the customer moved on meanwhile, so that it must be done again.
    """
    customer = _locked(customer_id)
    if may_sign_in(customer) != is_enabled:
        return False
    login = Login.objects.get(customer=customer)
    event = login.enable() if is_enabled else login.disable()
    if event:
        login.save_as(by, f"The customer is {customer.status}")
        publish(event, by=by, tenant_id=login.tenant_id)
    return True


@transaction.atomic
def record_login_name(customer_id: UUID | str, *, login_name: str, by: User) -> bool:
    """Remember the name at the provider; False when the customer moved on meanwhile."""
    customer = _locked(customer_id)
    if customer.login_name != login_name:
        return False
    login = Login.objects.get(customer=customer)
    if login.login_name != login_name:
        login.login_name = login_name
        login.save_as(by, "Follows the customer’s e-mail or phone")
        event = LoginRenamed(customer_id=str(customer.pk), login_id=str(login.pk))
        publish(event, by=by, tenant_id=login.tenant_id)
    return True


@transaction.atomic
def await_hand_over(customer_id: UUID | str, *, by: User) -> None:
    """Leave the welcome to the branch: there is no e-mail to send it to."""
    customer, now = _locked(customer_id), timezone.now()
    tracker = _tracker(customer, by)
    if tracker.welcome_sent_at or tracker.welcome_way == Provisioning.Way.BRANCH:
        return
    tracker.welcome_way = Provisioning.Way.BRANCH
    _keep(tracker, by, "No e-mail on file", now)
    event = HandOverAwaited(customer_id=str(customer.pk))
    publish(event, by=by, tenant_id=customer.tenant_id)


@transaction.atomic
def record_welcome(customer_id: UUID | str, *, way: str, by: User) -> bool:
    """Remember that the one-time password reached the customer; False when it had."""
    customer, now = _locked(customer_id), timezone.now()
    tracker = _tracker(customer, by)
    if tracker.welcome_sent_at:
        return False
    tracker.welcome_way, tracker.welcome_sent_at = way, now
    event = WelcomeSent(customer_id=str(customer.pk), way=way)
    publish(event, by=by, tenant_id=customer.tenant_id)
    _keep(tracker, by, f"Welcome {Provisioning.Way(way).label}", now)
    return True


@transaction.atomic
def record_account(account_id: UUID | str, *, by: User) -> None:
    """Note the account opened automatically and make its customer active, once.

    Neither a further account nor one opened before verification does that.
    """
    account = Account.objects.get(pk=account_id)
    customer, now = _locked(account.customer_id), timezone.now()
    if not account.is_default or customer.kyc_status != KycStatus.VERIFIED:
        return
    tracker = _tracker(customer, by)
    if tracker.activated_at:
        return
    tracker.account_opened_at = account.opened_at
    if customer.status in LIVING:
        activate_customer(customer.pk, by=by, reason="Provisioned")
        tracker.activated_at = now
    _keep(tracker, by, "Deposit account opened", now)


@transaction.atomic
def retry_step(
    provisioning_id: UUID, *, step: str, delivery_id: UUID | None, by: User
) -> None:
    """Try one step again now. Raises DomainError when it is done or running."""
    tracker = Provisioning.objects.select_for_update().get(pk=provisioning_id)
    if tracker.customer.status not in LIVING:
        raise DomainError(
            f"Cannot try again: {tracker.customer} is {tracker.customer.status}."
        )
    if delivery_id is None:
        raise DomainError(f"{step} has nothing to try again.")
    retry(delivery_id, by=by)
    event = StepRetried(customer_id=str(tracker.customer_id), step=step)
    publish(event, by=by, tenant_id=tracker.tenant_id)
