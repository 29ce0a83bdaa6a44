"""How each step of provisioning stands, in words for staff; reads only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import dateformat, timezone

from common.face import Label
from customers.registry.choices import LIVING
from customers.registry.choices import Status as CustomerStatus
from events.models import Delivery
from onboarding.models import STUCK_AFTER, Provisioning


@dataclass(frozen=True)
class Plan:
    """A step: where its end is noted, whose deliveries do it, and its words."""

    key: str
    title: str
    done_field: str
    handlers: tuple[str, ...]
    done_words: str
    before_words: str


PLANS = (
    Plan(
        "login",
        "Login",
        "login_created_at",
        ("onboarding.create_login",),
        "created",
        "not begun",
    ),
    Plan(
        "welcome",
        "Welcome",
        "welcome_sent_at",
        (
            "onboarding.send_welcome",
            "onboarding.send_held_welcome",
            "onboarding.send_late_welcome",
        ),
        "sent",
        "waits for the login",
    ),
    Plan(
        "account",
        "Deposit account",
        "account_opened_at",
        ("deposits.open_default_account",),
        "opened",
        "not begun",
    ),
    Plan(
        "activity",
        "Activity",
        "activated_at",
        ("onboarding.activate_customer",),
        "active since",
        "waits for the account",
    ),
)
# What keeps a login as the customer stands; trouble there shows at the login.
LOGIN_KEEPERS = (
    "onboarding.disable_login",
    "onboarding.disable_login_of_offboarded",
    "onboarding.disable_login_of_archived",
    "onboarding.enable_login",
    "onboarding.keep_login_in_step",
)
STEP_HANDLERS = tuple(name for plan in PLANS for name in plan.handlers)
ALL_HANDLERS = STEP_HANDLERS + LOGIN_KEEPERS


@dataclass(frozen=True)
class Step:
    """One step of one customer; `delivery_id` names what *Try again* would run."""

    key: str
    title: str
    label: Label
    words: str
    is_done: bool
    delivery_id: UUID | None = None
    is_hand_over: bool = False

    @property
    def can_retry(self) -> bool:
        return self.delivery_id is not None

    @property
    def is_troubled(self) -> bool:
        return self.label.tone in ("warn", "stop")


def steps_of(tracker: Provisioning) -> list[Step]:
    return steps_of_all([tracker])[tracker.pk]


def steps_of_all(trackers: Iterable[Provisioning]) -> dict[UUID, list[Step]]:
    """Return the steps of each tracker, by its id; one query for all of them."""
    trackers = list(trackers)
    rows = Delivery.objects.filter(
        handler__in=ALL_HANDLERS,
        event__subject_id__in=[str(tracker.customer_id) for tracker in trackers],
    ).select_related("event")
    found: dict[str, list[Delivery]] = {}
    for row in rows.order_by("created_at", "pk"):
        found.setdefault(row.event.subject_id, []).append(row)
    return {
        tracker.pk: _steps(tracker, found.get(str(tracker.customer_id), []))
        for tracker in trackers
    }


def _steps(tracker: Provisioning, deliveries: list[Delivery]) -> list[Step]:
    steps = [_step(plan, tracker, deliveries) for plan in PLANS]
    kept = _telling(deliveries, LOGIN_KEEPERS)
    if kept and kept.last_error and steps[0].is_done:
        verb = kept.title.lower()
        steps[0] = _troubled(PLANS[0], kept, f"{verb}: ", is_done=True)
    return steps


def _step(plan: Plan, tracker: Provisioning, deliveries: list[Delivery]) -> Step:
    done_at: datetime | None = getattr(tracker, plan.done_field)
    if done_at:
        words = f"{_done_words(plan, tracker)} {moment(done_at)}"
        return Step(plan.key, plan.title, Label("Done", "good"), words, is_done=True)
    customer = tracker.customer
    if customer.status not in LIVING:
        label = Label("Ended", "ended")
        words = f"ended: the customer is {customer.status}"
        return Step(plan.key, plan.title, label, words, is_done=False)
    delivery = _telling(deliveries, plan.handlers)
    if delivery and (delivery.last_error or delivery.status == Delivery.Status.FAILED):
        return _troubled(plan, delivery, "", is_done=False)
    return _waiting(plan, tracker, delivery)


def _done_words(plan: Plan, tracker: Provisioning) -> str:
    if plan.key != "welcome":
        return plan.done_words
    by_hand = tracker.welcome_way == Provisioning.Way.BRANCH
    return "handed over" if by_hand else "sent"


def _telling(deliveries: list[Delivery], handlers: tuple[str, ...]) -> Delivery | None:
    """The newest open delivery of the step; what is done says nothing more."""
    done = Delivery.Status.DONE
    mine = [d for d in deliveries if d.handler in handlers and d.status != done]
    return mine[-1] if mine else None


def _waiting(plan: Plan, tracker: Provisioning, delivery: Delivery | None) -> Step:
    label, words, is_hand_over = Label("Waiting", "quiet"), plan.before_words, False
    if delivery:
        is_running = delivery.status == Delivery.Status.RUNNING
        label = Label("Under way", "wait")
        words = "being done" if is_running else "waits for a worker"
    elif plan.key == "welcome" and tracker.login_created_at:
        if tracker.customer.status == CustomerStatus.SUSPENDED:
            label, words = Label("Held", "wait"), "held while the customer is suspended"
        elif tracker.welcome_way == Provisioning.Way.BRANCH:
            label, is_hand_over = Label("Waits for the branch", "wait"), True
            words = "no e-mail: hand the one-time password over in the branch"
    return Step(
        plan.key, plan.title, label, words, is_done=False, is_hand_over=is_hand_over
    )


def _troubled(plan: Plan, delivery: Delivery, prefix: str, *, is_done: bool) -> Step:
    error = delivery.last_error.rstrip(".")
    if error.startswith("The "):
        error = error.replace("The ", "the ", 1)
    if delivery.status == Delivery.Status.FAILED:
        label = Label("Given up", "stop")
        words = f"given up at the {ordinal(delivery.attempts)} try: {error}."
    else:
        label = Label("Trying again", "warn")
        words = (
            f"{ordinal(delivery.attempts)} try failed: {error}."
            f" Next try {_clock(delivery.due_at)}."
        )
    return Step(
        plan.key, plan.title, label, prefix + words, is_done, delivery_id=delivery.pk
    )


def failed_customer_ids(user: Any) -> list[UUID]:
    """Customers of the user's institution with a step given up; few, by its index."""
    return _customers_of(Delivery.objects.for_user(user))


def failed_among(customer_ids: list[str]) -> list[UUID]:
    """Those of the customers that have a step given up."""
    return _customers_of(Delivery.objects.filter(event__subject_id__in=customer_ids))


def _customers_of(deliveries: Any) -> list[UUID]:
    failed = deliveries.stuck().filter(handler__in=STEP_HANDLERS)
    subjects = failed.values_list("event__subject_id", flat=True).distinct()
    return [UUID(subject) for subject in subjects]


def stuck_for(user: Any) -> Any:
    """Trackers of the user's institution that are stuck now."""
    mine = Provisioning.objects.for_user(user)
    return mine.stuck(timezone.now(), failed_customer_ids(user))


def ordinal(number: int) -> str:
    """Write 1st, 2nd, 3rd, 4th, 11th, 21st."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def moment(at: datetime) -> str:
    """Write "21 Nov 09:02"; the year only when it is another."""
    local = timezone.localtime(at)
    is_this_year = local.year == timezone.localtime().year
    return dateformat.format(local, "j M H:i" if is_this_year else "j M Y H:i")


def _clock(at: datetime) -> str:
    """Write "09:40" today, with the day otherwise."""
    local = timezone.localtime(at)
    is_today = local.date() == timezone.localdate()
    return dateformat.format(local, "H:i") if is_today else moment(at)


def state_label(tracker: Provisioning, steps: list[Step]) -> Label:
    """Say in one word how the whole stands."""
    if tracker.completed_at:
        return Label("Done", "good")
    if tracker.customer.status not in LIVING:
        return Label("Ended", "ended")
    for tone in ("stop", "warn"):
        troubled = [step.label for step in steps if step.label.tone == tone]
        if troubled:
            return troubled[0]
    waiting = [step for step in steps if not step.is_done]
    if all(step.is_hand_over for step in waiting):
        return Label("Waits for the branch", "wait")
    if tracker.customer.status == CustomerStatus.SUSPENDED:
        return Label("Held", "wait")
    is_late = timezone.now() - tracker.started_at > STUCK_AFTER
    return Label("Late", "warn") if is_late else Label("Under way", "wait")
