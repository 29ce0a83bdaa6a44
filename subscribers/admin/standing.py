"""How a subscriber and its messages stand, in shape and word."""

from datetime import datetime
from typing import Any

from django.db.models import Min
from django.utils import timezone
from django.utils.safestring import SafeString

from common.face import Label, age, label_html, moment
from events.models import RecordedEvent
from subscribers.admin.forms import words_of
from subscribers.models import Attempt, Feed, Message, Subscriber

ATTEMPTS_SHOWN = 20


def label_of(subscriber: Subscriber) -> Label:
    if subscriber.status == Subscriber.Status.PAUSED:
        return Label("Paused", "ended")
    since = subscriber.stand.troubled_since
    if since:
        return Label("Troubled", "stop", f"since {moment(since)}")
    if subscriber.stand.failures:
        return Label("Retrying", "warn")
    return Label("Active", "good")


def message_label(message: Message) -> Label:
    match message.status:
        case Message.Status.DONE:
            done = moment(message.done_at) if message.done_at else ""
            return Label("Taken", "good", done)
        case Message.Status.FAILED:
            return Label("Given up", "stop")
        case Message.Status.WITHDRAWN:
            return Label("Withdrawn", "ended")
        case Message.Status.RUNNING:
            return Label("Being sent", "wait")
    return Label("Retrying", "warn") if message.last_error else Label("Due", "wait")


def title_of(event: RecordedEvent | None) -> str:
    return words_of(event.type) if event else "Test event"


def oldest_of(subscriber: Subscriber) -> datetime | None:
    """Since when the longest waiting message waits."""
    waiting = Message.objects.filter(subscriber=subscriber).open()
    found: datetime | None = waiting.aggregate(at=Min("created_at"))["at"]
    return found


def lag_of(subscriber: Subscriber) -> str:
    oldest = oldest_of(subscriber)
    return f"oldest waits {age(timezone.now() - oldest)}" if oldest else "Nothing waits"


def facts_of(subscriber: Subscriber) -> list[tuple[str, Any]]:
    stand, now = subscriber.stand, timezone.now()
    waiting = Message.objects.filter(subscriber=subscriber).open()
    given_up = Message.objects.filter(
        subscriber=subscriber, status=Message.Status.FAILED
    )
    facts: list[tuple[str, Any]] = [
        ("State", label_html(label_of(subscriber))),
        ("Address", subscriber.shown_url),
        ("Events", ", ".join(map(words_of, subscriber.event_types)) or "All"),
        ("Restricted events", "Sent" if subscriber.is_restricted else "Not sent"),
        ("Messages waiting", f"{waiting.count():,}, {lag_of(subscriber).lower()}"),
        ("Events not looked at yet", f"{_behind(subscriber):,}"),
        ("Given up", f"{given_up.count():,}"),
        ("Failures in a row", f"{stand.failures:,}"),
        ("Secrets", _secrets(subscriber, now)),
        ("Added by", str(subscriber.created_by)),
    ]
    if stand.next_try_at and stand.next_try_at > now:
        facts.insert(8, ("Left alone until", moment(stand.next_try_at)))
    return facts


def _behind(subscriber: Subscriber) -> int:
    """Places of the feed, of which some may not be for it."""
    feed = Feed.objects.for_tenant(subscriber.tenant_id).first()
    return max(feed.last_position - subscriber.stand.position, 0) if feed else 0


def _secrets(subscriber: Subscriber, now: datetime) -> str:
    return "; ".join(
        f"made {moment(secret.created_at)}"
        + (f", ends {moment(secret.ends_at)}" if secret.ends_at else "")
        for secret in subscriber.secrets.alive(now)
    )


def attempts_panel(rows: Any, *, may_read: bool, with_event: bool = True) -> Any:
    return {
        "title": "Last attempts",
        "rows": [
            {
                "title": _attempt_title(row, may_read=may_read, with_event=with_event),
                "meta": _attempt_error(row),
                "note": moment(row.at),
            }
            for row in rows[:ATTEMPTS_SHOWN]
        ],
        "empty_fact": "Nothing was sent yet.",
    }


def _attempt_title(row: Attempt, *, may_read: bool, with_event: bool) -> str:
    said = f"{row.status_code or 'No answer'} in {row.milliseconds:,} ms"
    if not with_event:
        return said
    return f"{event_title(row.message.event, may_read=may_read)}: {said}"


def event_title(event: RecordedEvent | None, *, may_read: bool) -> str:
    """Whoever runs the sending need not know that somebody is looked at."""
    if event is not None and event.is_restricted and not may_read:
        return "Restricted"
    return title_of(event)


def _attempt_error(row: Attempt) -> str:
    parts = [row.error, row.answer[:160]] if row.error else []
    return ". ".join(part.rstrip(".") for part in parts if part)


def shape(subscriber: Subscriber) -> SafeString:
    return label_html(label_of(subscriber))
