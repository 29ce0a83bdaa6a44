"""The registry's own buttons and needs on the customer page, by state and right."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils import timezone

from common.face import due
from common.memory import asked_once
from customers.registry import customer_page
from customers.registry.choices import LIVING, KycStatus, Status, TaskKind
from customers.registry.commands.activity import may_record_activity
from customers.registry.customer_page import Deed, MissingItem
from customers.registry.labels import reason_words
from customers.registry.models import Customer, Task
from tenants.models import User

# Lower comes first; other apps put their primary button before *Edit*.
BEFORE_ALL, FIRST, USUAL, LAST = 5, 20, 90, 900
# What an open task is called among what is missing, and the verb that ends it.
TASK_WORDS = {
    TaskKind.ESCALATION: ("Escalation", "Answer"),
    TaskKind.TRIGGER_REVIEW: (TaskKind.TRIGGER_REVIEW.label, "Review"),
    TaskKind.KYC_DECISION: ("KYC decision", "Decide"),
    TaskKind.RISK_REVIEW: ("Risk review", "Close"),
    TaskKind.DORMANCY_REVIEW: ("Dormancy review", "Review"),
}


@asked_once
def _open_tasks(customer: Customer, user: User) -> list[Task]:
    """None for who may not know: the page must not tell the front line of any."""
    if not user.has_perm("registry.view_task"):
        return []
    return list(Task.objects.open().filter(customer=customer).order_by("due_at", "id"))


def _close_url(task: Task) -> str:
    return reverse("admin:registry_task_close", args=[task.pk])


@customer_page.needs
def open_tasks(customer: Customer, user: User) -> Iterable[MissingItem]:
    """Each open task, the earliest due first."""
    may_close = user.has_perm("registry.close_task")
    for task in _open_tasks(customer, user):
        title, verb = TASK_WORDS[TaskKind(task.kind)]
        until = due(task.due_at)
        is_late = until.tone == "stop"
        yield MissingItem(
            title=title,
            label=until,
            note=f"{reason_words(task)}, {'' if is_late else 'due '}{until.word}",
            verb=verb if may_close else "",
            url=_close_url(task) if may_close else "",
            is_dialog=True,
        )


@customer_page.deeds
def own_deeds(customer: Customer, user: User) -> Iterable[Deed]:
    """Offer what the state allows and the user may; each page checks both again."""
    if customer.status in LIVING:
        yield from _living_deeds(customer, user)
    if user.has_perm("registry.view_history"):
        yield _deed(customer, "Versions", "history", is_dialog=False, order=LAST)


def _living_deeds(customer: Customer, user: User) -> Iterable[Deed]:
    yield from _answer_escalation(customer, user)
    is_suspended = customer.status == Status.SUSPENDED
    is_verified = customer.kyc_status == KycStatus.VERIFIED
    if is_suspended and user.has_perm("registry.reinstate_customer"):
        can_now = not customer.is_kyc_expired(timezone.localdate())
        order = FIRST if can_now else USUAL
        yield _deed(customer, "Reinstate", "reinstate", order=order, is_primary=can_now)
    if user.has_perm("registry.update_customer"):
        yield _deed(
            customer, "Edit", "edit", is_dialog=False, order=USUAL, is_primary=True
        )
    if is_verified and may_record_activity(customer, user):
        yield _deed(customer, "Record activity", "activity", order=USUAL + 1)
    if not is_suspended and user.has_perm("registry.suspend_customer"):
        yield _deed(customer, "Suspend", "suspend", order=LAST + 1, is_danger=True)
    if not is_verified and user.has_perm("registry.decline_customer"):
        yield _deed(customer, "Decline", "decline", order=LAST + 2, is_danger=True)


def _answer_escalation(customer: Customer, user: User) -> Iterable[Deed]:
    """Until it is answered, nothing else comes first, *Reinstate* least of all."""
    if not user.has_perm("registry.close_task"):
        return
    tasks = _open_tasks(customer, user)
    escalation = next((t for t in tasks if t.kind == TaskKind.ESCALATION), None)
    if escalation:
        yield Deed(
            title="Answer escalation",
            url=_close_url(escalation),
            order=BEFORE_ALL,
            is_primary=True,
        )


def _deed(customer: Customer, title: str, page: str, **kwargs: Any) -> Deed:
    url = reverse(f"admin:registry_customer_{page}", args=[customer.pk])
    return Deed(title=title, url=url, **kwargs)
