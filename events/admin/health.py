"""How the outbox is doing: a queue and a line of the home page."""

from datetime import timedelta

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone

from common import worklist
from common.face import Label, age, moment
from common.worklist import QueueCount
from events.models import Delivery, Heartbeat
from tenants.models import User

SILENT_AFTER = timedelta(minutes=1)  # the worker's sweep beats every few seconds


@worklist.queue(
    "Stuck deliveries",
    permission="events.view_delivery",
    order=70,
    desk="deliveries",
    stale_after=timedelta(hours=1),
)
def stuck_deliveries(user: User) -> QueueCount:
    rows = Delivery.objects.for_user(user).stuck()
    found = rows.aggregate(count=Count("pk"), oldest_at=Min("created_at"))
    changelist = reverse("admin:events_delivery_changelist")
    return QueueCount(url=f"{changelist}?state=stuck", **found)


@worklist.health("events.view_delivery")
def outbox_health(user: User) -> list[Label]:
    return [stuck_label(stuck_deliveries(user).count), worker_label()]


def stuck_label(stuck: int) -> Label:
    if not stuck:
        return Label("No delivery stuck", "good")
    return Label(f"{stuck} {'delivery' if stuck == 1 else 'deliveries'} stuck", "warn")


def worker_label() -> Label:
    seen = Heartbeat.objects.filter(name="worker").first()
    if seen is None:
        return Label("No worker has answered yet", "stop")
    silence = timezone.now() - seen.seen_at
    exact = moment(seen.seen_at)
    if silence > SILENT_AFTER:
        return Label(f"Worker silent for {age(silence)}", "stop", exact)
    return Label(f"Worker answered {age(silence)} ago", "good", exact)
