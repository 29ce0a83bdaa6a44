"""The provisioning panel of the customer page, and what the branch has to hand over."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils import timezone

from common.face import Label
from customers.registry import customer_page
from customers.registry.models import Customer
from onboarding.models import Provisioning
from onboarding.portal import mailbox
from onboarding.services import may_sign_in
from onboarding.steps import Step, failed_among, steps_of
from tenants.models import User


def build_provisioning(
    customer: Customer, user: User
) -> customer_page.PanelView | None:
    """Show each step, what it waits for and *Try again*; absent before verification."""
    tracker = _tracker_of(customer)
    if tracker is None:
        return None
    steps = steps_of(tracker)
    done = sum(step.is_done for step in steps)
    has_mail = tracker.welcome_way == Provisioning.Way.EMAIL and mailbox.is_open()
    return customer_page.PanelView(
        note=f"{done} of {len(steps)} done",
        verb="Read the mail" if has_mail else "",
        url=reverse("portal:mail") if has_mail else "",
        rows=[step_row(step, tracker, user) for step in steps],
        is_troubled=any(step.is_troubled for step in steps),
    )


def step_row(step: Step, tracker: Provisioning, user: User) -> dict[str, Any]:
    """Return the row as face/_row.html takes it."""
    row: dict[str, Any] = {"icon": step.label, "title": step.title}
    # What asks for somebody is a sentence: it gets a line of its own.
    row["meta" if step.is_troubled or step.is_hand_over else "note"] = step.words
    if user.has_perm("onboarding.retry_step"):
        verb = step_verb(step, tracker)
        row |= {"is_dialog": True, "verb": verb["verb"], "verb_url": verb["url"]}
    return row


def step_verb(step: Step, tracker: Provisioning) -> dict[str, Any]:
    """Return what face/_verb.html takes; empty where nothing can be done."""
    verb, url = "", ""
    if step.can_retry:
        verb, url = "Try again", retry_url(tracker, step)
    elif step.is_hand_over:
        verb, url = "Hand over", hand_over_url(tracker)
    return {"verb": verb, "url": url, "is_dialog": True}


def retry_url(tracker: Provisioning, step: Step) -> str:
    name = "admin:onboarding_provisioning_retry_step"
    return f"{reverse(name, args=[tracker.pk])}?step={step.key}"


def hand_over_url(tracker: Provisioning) -> str:
    name = "admin:onboarding_provisioning_hand_over_password"
    return reverse(name, args=[tracker.pk])


def password_to_hand_over(
    customer: Customer, user: User
) -> Iterator[customer_page.MissingItem]:
    """Name the one-time password as missing until somebody handed it over."""
    tracker = _tracker_of(customer)
    if tracker is None or not _waits_for_branch(tracker, customer):
        return
    may = user.has_perm("onboarding.retry_step")
    yield customer_page.MissingItem(
        title="One-time password",
        label=Label("Not handed over", "wait"),
        note="no e-mail on file",
        verb="Hand over" if may else "",
        url=hand_over_url(tracker) if may else "",
        is_dialog=True,
    )


def stuck_customers(customers: list[Customer], user: User) -> dict[Any, str]:
    """Say in the list of customers who waits for provisioning."""
    if not user.has_perm("onboarding.view_provisioning"):
        return {}
    trackers = Provisioning.objects.filter(customer__in=customers)
    failed = failed_among([str(customer.pk) for customer in customers])
    stuck = trackers.stuck(timezone.now(), failed)
    return dict.fromkeys(stuck.values_list("customer_id", flat=True), "Provisioning")


def _tracker_of(customer: Customer) -> Provisioning | None:
    tracker: Provisioning | None = getattr(customer, "provisioning", None)
    return tracker


def _waits_for_branch(tracker: Provisioning, customer: Customer) -> bool:
    return (
        tracker.welcome_way == Provisioning.Way.BRANCH
        and tracker.welcome_sent_at is None
        and may_sign_in(customer)
    )


def pin_panels() -> None:
    """Put this app's parts on the customer page, once at start-up."""
    customer_page.read_along("provisioning")
    customer_page.pin(
        customer_page.Panel(
            key="provisioning",
            title="Provisioning",
            permission="onboarding.view_provisioning",
            order=50,
            build=build_provisioning,
        )
    )
    customer_page.needs(password_to_hand_over)
    customer_page.waits(stuck_customers)
