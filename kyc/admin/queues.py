"""What waits at the KYC desk, for the home page, and how the callbacks are."""

from datetime import timedelta

from django.db.models import Min, QuerySet
from django.urls import reverse
from django.utils import timezone

from common import worklist
from common.face import Label, age, ago, moment
from common.worklist import QueueCount
from customers.registry.models import Task, TaskKind
from kyc.admin.chase import needing_customer, unused_links
from kyc.models import Applicant, Callback, CallbackRefusal, Difference
from tenants.models import User

# Longer than a quiet night: then somebody should look whether Sumsub reaches us.
SILENT = timedelta(days=1)


def _counted(rows: QuerySet[Applicant], url: str, since: str) -> QueueCount:
    oldest = rows.aggregate(oldest=Min(since))["oldest"]
    return QueueCount(count=rows.count(), url=url, oldest_at=oldest)


def _desk(tab: str) -> str:
    return f"{reverse('admin:kyc_desk')}?tab={tab}"


@worklist.queue(
    "Quarantined callbacks", permission="kyc.view_callback", order=30, desk="kyc"
)
def quarantined_callbacks(user: User) -> QueueCount:
    rows = Callback.objects.for_user(user).quarantined()
    return _counted(rows, _desk("quarantined"), "received_at")


@worklist.queue(
    "Differences to accept", permission="kyc.view_difference", order=40, desk="kyc",
    stale_after=timedelta(days=3),
)  # fmt: skip
def differences_to_accept(user: User) -> QueueCount:
    rows = Difference.objects.for_user(user).open()
    found = rows.aggregate(oldest=Min("found_at"))
    count = rows.values("customer_id").distinct().count()
    return QueueCount(count=count, url=_desk("differences"), oldest_at=found["oldest"])


@worklist.queue(
    "KYC to decide by hand", permission="registry.view_task", order=50, desk="kyc"
)
def kyc_to_decide(user: User) -> QueueCount:
    rows = Task.objects.for_user(user).open().filter(kind=TaskKind.KYC_DECISION)
    now = timezone.now()
    found = rows.aggregate(oldest=Min("opened_at"), due=Min("due_at"))
    return QueueCount(
        count=rows.values("customer_id").distinct().count(),
        url=_desk("decide"),
        oldest_at=found["oldest"],
        overdue=rows.overdue(now).count(),
        due_at=found["due"],
        since_at=found["oldest"],
    )


@worklist.queue(
    "KYC links unused", permission="kyc.start_kyc", order=60,
    stale_after=timedelta(days=3),
)  # fmt: skip
def kyc_links_unused(user: User) -> QueueCount:
    return _counted(unused_links(user), reverse("admin:kyc_chase"), "link_expires_at")


@worklist.queue(
    "KYC needs the customer", permission="kyc.start_kyc", order=61,
    stale_after=timedelta(days=3),
)  # fmt: skip
def kyc_needs_customer(user: User) -> QueueCount:
    return _counted(needing_customer(user), reverse("admin:kyc_chase"), "fetched_at")


@worklist.health("kyc.view_callback")
def callback_health(user: User) -> list[Label]:
    """When the last callback came, and how many were refused at the door today."""
    labels = []
    last = (
        Callback.objects.for_user(user)
        .order_by("-received_at")
        .values_list("received_at", flat=True)
        .first()
    )
    if last is None:
        labels.append(Label("No callback yet", "quiet"))
    else:
        silent = timezone.now() - last > SILENT
        words = f"Last callback {ago(last)}"
        labels.append(Label(words, "warn" if silent else "good", moment(last)))
    refused = CallbackRefusal.objects.filter(on=timezone.now().date()).first()
    if refused:
        noun = "callback" if refused.count == 1 else "callbacks"
        words = f"{refused.count} {noun} refused today"
        labels.append(Label(words, "warn", "Missing or wrong digest"))
    waiting = Callback.objects.for_user(user).unprocessed()
    oldest = waiting.aggregate(oldest=Min("received_at"))["oldest"]
    if oldest and timezone.now() - oldest > timedelta(minutes=15):
        words = f"Callbacks wait for Sumsub, oldest {age(timezone.now() - oldest)}"
        labels.append(Label(words, "warn", moment(oldest)))
    return labels
