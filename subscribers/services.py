"""What staff do about subscribers: add, change, pause, new secrets, send again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from common.errors import DomainError
from common.text import clean
from events.events import EVENT_TYPES
from subscribers.feed.placing import end_of
from subscribers.models import FeedEntry, Message, Secret, Stand, Subscriber
from subscribers.sending.addresses import check_url
from subscribers.sending.signing import new_secret
from tenants.models import Tenant, User
from tenants.services import get_machine

MAX_NAME, MAX_URL = 80, 400
MOST_SECRETS = 5  # alive at once; every message bears a signature of each
LONGEST_OVERLAP = timedelta(days=90)
SETTLED = (Message.Status.DONE, Message.Status.FAILED, Message.Status.WITHDRAWN)
GONE = "Answered 410 Gone: paused"


@dataclass(frozen=True)
class Wanted:
    """Who is sent what, and where to, as it may be saved."""

    name: str
    url: str
    event_types: list[str]


def add_subscriber(
    *, tenant: Tenant, name: str, url: str, event_types: Iterable[str], by: User,
    reason: str,
) -> tuple[Subscriber, str]:  # fmt: skip
    """Send events of from now on; returns the secret too, which is shown this once."""
    wanted = _checked(name, url, event_types)
    with transaction.atomic():
        subscriber = Subscriber(tenant=tenant, created_by=by)
        _fill(subscriber, wanted)
        subscriber.save_as(by, reason)
        Stand.objects.create(subscriber=subscriber, position=end_of(tenant.pk))
        return subscriber, _add_secret(subscriber, by)


def change_subscriber(
    subscriber_id: UUID, *, name: str, url: str, event_types: Iterable[str], by: User,
    reason: str,
) -> Subscriber:  # fmt: skip
    """Change what it is sent, or where to.

    At another address somebody else may listen: leave for restricted events ends, and
    what came of the one before is forgotten. What waits and is for it no more is
    withdrawn.
    """
    wanted = _checked(name, url, event_types)
    with transaction.atomic():
        subscriber = _locked(subscriber_id)
        is_moved = wanted.url != subscriber.url
        if is_moved:
            subscriber.is_restricted = False
        _fill(subscriber, wanted)
        _save_and_withdraw(subscriber, by, reason)
        if is_moved:
            _try_now(subscriber)
    return subscriber


def _checked(name: str, url: str, event_types: Iterable[str]) -> Wanted:
    """Raise DomainError for what cannot be.

    In no transaction: it asks where the address is, which may take seconds.
    """
    name, url, kinds = clean(name), url.strip(), sorted(set(event_types))
    if not 0 < len(name) <= MAX_NAME:
        raise DomainError(f"A name has 1 to {MAX_NAME} characters.", field="name")
    if len(url) > MAX_URL:
        message = f"An address has at most {MAX_URL} characters."
        raise DomainError(message, field="url")
    if set(kinds) - EVENT_TYPES.keys():
        raise DomainError("Choose events of the list.", field="event_types")
    check_url(url)
    return Wanted(name, url, kinds)


def _fill(subscriber: Subscriber, wanted: Wanted) -> None:
    rows = Subscriber.objects.for_tenant(subscriber.tenant_id)
    if rows.filter(name=wanted.name).exclude(pk=subscriber.pk).exists():
        message = f"There is a subscriber {wanted.name} already."
        raise DomainError(message, field="name")
    subscriber.name, subscriber.url = wanted.name, wanted.url
    subscriber.event_types = wanted.event_types


def _save_and_withdraw(subscriber: Subscriber, by: User, reason: str) -> None:
    """Withdraw what is not done and not for it any more; the version says how many."""
    rows = Message.objects.filter(subscriber=subscriber)
    withdrawn = rows.unwanted(subscriber).update(status=Message.Status.WITHDRAWN)
    if withdrawn:
        messages = "message" if withdrawn == 1 else "messages"
        reason = f"{reason} ({withdrawn:,} {messages} withdrawn)"
    subscriber.save_as(by, reason)


def _locked(subscriber_id: UUID) -> Subscriber:
    """Lock it, its stand first, as whoever sends does: what comes next knows of it."""
    Stand.objects.select_for_update().filter(subscriber_id=subscriber_id).first()
    found: Subscriber = Subscriber.objects.select_for_update().get(pk=subscriber_id)
    return found


@transaction.atomic
def pause_subscriber(subscriber_id: UUID, *, by: User, reason: str) -> None:
    """Send nothing for now; what happens meanwhile is sent when it is resumed."""
    subscriber = _locked(subscriber_id)
    if subscriber.pause():
        subscriber.save_as(by, reason)


@transaction.atomic
def note_gone(subscriber_id: UUID, url: str) -> None:
    """It is gone for good from there (410): staff decide what becomes of it.

    Nothing is done where staff have given it another address meanwhile.
    """
    if _locked(subscriber_id).url == url:
        pause_subscriber(subscriber_id, by=get_machine("sweep"), reason=GONE)


@transaction.atomic
def resume_subscriber(subscriber_id: UUID, *, by: User, reason: str) -> None:
    """Send on, beginning at once with what waits."""
    subscriber = _locked(subscriber_id)
    if subscriber.resume():
        subscriber.save_as(by, reason)
        _try_now(subscriber)


def _try_now(subscriber: Subscriber) -> None:
    """Forget the trouble there was: the next try is the first again."""
    Stand.objects.filter(subscriber=subscriber).update(
        failures=0, next_try_at=None, troubled_since=None
    )
    Message.objects.filter(subscriber=subscriber).begin_anew(timezone.now())


@transaction.atomic
def allow_restricted(
    subscriber_id: UUID, *, is_allowed: bool, by: User, reason: str
) -> None:
    """Let it have restricted events from now on, or no more."""
    subscriber = _locked(subscriber_id)
    if subscriber.is_restricted == is_allowed:
        return
    subscriber.is_restricted = is_allowed
    _save_and_withdraw(subscriber, by, reason)


@transaction.atomic
def rotate_secret(
    subscriber_id: UUID, *, old_ends_at: datetime, by: User, reason: str
) -> str:
    """Make a new secret; those before sign on until then. Returns it, this once."""
    subscriber, now = _locked(subscriber_id), timezone.now()
    if old_ends_at > now + LONGEST_OVERLAP:
        message = f"The old ones end within {LONGEST_OVERLAP.days} days."
        raise DomainError(message, field="old_ends_on")
    living = Secret.objects.filter(subscriber=subscriber).alive(now)
    if old_ends_at > now and living.count() >= MOST_SECRETS:
        message = f"{MOST_SECRETS} secrets are alive; end the old ones at once."
        raise DomainError(message, field="old_ends_on")
    living.exclude(ends_at__lt=old_ends_at).update(ends_at=old_ends_at)
    secret = _add_secret(subscriber, by)
    subscriber.save_as(by, f"New secret: {reason}")
    return secret


def _add_secret(subscriber: Subscriber, by: User) -> str:
    text = new_secret()
    Secret.objects.create(
        subscriber=subscriber, secret=text, created_at=timezone.now(), created_by=by
    )
    return text


@transaction.atomic
def send_test(subscriber_id: UUID, *, by: User) -> Message:
    """Send an event of type `vestibule.test`, about nothing that happened."""
    subscriber, now = _locked(subscriber_id), timezone.now()
    if subscriber.status != Subscriber.Status.ACTIVE:
        raise DomainError(f"{subscriber} is paused: resume it first.")
    subscriber.save_as(by, "Test event sent")
    message: Message = Message.objects.create(
        tenant_id=subscriber.tenant_id, subscriber=subscriber, position=0, due_at=now,
        created_at=now,
    )  # fmt: skip
    return message


@transaction.atomic
def send_again(message_id: UUID, *, by: User, reason: str) -> None:
    """Send one message again, under the same webhook-id."""
    rows = Message.objects.filter(pk=message_id)
    subscriber = _locked(rows.values_list("subscriber_id", flat=True).get())
    message = rows.select_for_update(of=("self",)).get()
    if message.status == Message.Status.RUNNING:
        raise DomainError("This message is being sent.")
    _refuse_unwanted(message)
    rows.put_before_again(timezone.now())
    if message.customer_key:
        others = Message.objects.filter(customer_key=message.customer_key)
        others.filter(subscriber=subscriber).hasten(timezone.now())
    subscriber.save_as(by, f"Message {message.webhook_id} sent again: {reason}")


def _refuse_unwanted(message: Message) -> None:
    if message.event is not None and not message.subscriber.wants(message.event):
        raise DomainError(f"{message.subscriber} gets no such events any more.")


@transaction.atomic
def replay(subscriber_id: UUID, *, since: datetime, by: User, reason: str) -> int:
    """Send again whatever happened since, in its order; how many messages are due.

    What was never for it, because it came later or was paused, is sent as well.
    """
    subscriber, now = _locked(subscriber_id), timezone.now()
    if since > now:
        raise DomainError("That is in the future.", field="since")
    entries = FeedEntry.objects.for_tenant(subscriber.tenant_id).filter(
        event__created_at__gte=since
    )
    first = entries.order_by("position").values_list("position", flat=True).first()
    subscriber.save_as(by, f"Sent again since {since:%Y-%m-%d %H:%M} UTC: {reason}")
    if first is None:
        return 0
    rows = Message.objects.filter(subscriber=subscriber, position__gte=first)
    settled = rows.filter(status__in=SETTLED).wanted(subscriber)
    count = settled.put_before_again(now)
    rows.hasten(now)
    # The feed is read again from there; what has a message already makes no second.
    stand = Stand.objects.get(subscriber=subscriber)
    if stand.position >= first:
        stand.position = first - 1
        stand.save(update_fields=["position"])
    return count
