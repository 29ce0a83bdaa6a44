"""What waits because of subscribers: those that refuse, and what was given up."""

from datetime import timedelta

from django.db.models import Min
from django.urls import reverse

from common import worklist
from common.worklist import QueueCount
from subscribers.models import Subscriber
from tenants.models import User


@worklist.queue(
    "Troubled subscribers",
    permission="subscribers.manage_subscriber",
    order=65,
    desk="subscribers",
    stale_after=timedelta(hours=4),
)
def troubled_subscribers(user: User) -> QueueCount:
    rows = Subscriber.objects.for_user(user).troubled()
    return QueueCount(
        count=rows.count(),
        url=reverse("admin:subscribers_subscriber_changelist") + "?state=troubled",
        oldest_at=rows.aggregate(at=Min("stand__troubled_since"))["at"],
    )
