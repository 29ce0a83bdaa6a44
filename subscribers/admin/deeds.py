"""The dialogs about a subscriber: each asks, then calls one command."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from common.dialogs import Dialog, ask, go_to, show
from common.encryption import decrypt, encrypt
from common.errors import DomainError
from subscribers.admin.forms import ReasonDialog, ReplayDialog, RotateDialog
from subscribers.models import Subscriber
from subscribers.services import (
    allow_restricted,
    pause_subscriber,
    replay,
    resume_subscriber,
    rotate_secret,
    send_test,
)

MANAGE, ALLOW = "subscribers.manage_subscriber", "subscribers.allow_restricted"
Act = Callable[[Subscriber, Any, dict[str, Any]], object]


@dataclass(frozen=True)
class Deed:
    """`offered` says when the page shows its button; the command decides again."""

    name: str
    verb: str
    permission: str
    dialog: Dialog
    act: Act
    done: str
    offered: Callable[[Subscriber], bool] = lambda _: True


def url_of(subscriber: Subscriber, page: str = "change") -> str:
    return reverse(f"admin:subscribers_subscriber_{page}", args=[subscriber.pk])


def is_active(subscriber: Subscriber) -> bool:
    return bool(subscriber.status == Subscriber.Status.ACTIVE)


DEEDS = (
    Deed(
        "test", "Send test event", MANAGE,
        Dialog(
            "Send a test event?", "Send",
            "An event of type vestibule.test, about nothing that happened. What came of"
            " it stands on the page in a few seconds.",
        ),
        lambda row, by, _: send_test(row.pk, by=by),
        "A test event is on its way.", is_active,
    ),
    Deed(
        "pause", "Pause", MANAGE,
        Dialog(
            "Pause this subscriber?", "Pause",
            "Nothing is sent until it is resumed; nothing is lost.",
            ReasonDialog,
        ),
        lambda row, by, said: pause_subscriber(row.pk, by=by, **said),
        "Paused.", is_active,
    ),
    Deed(
        "resume", "Resume", MANAGE,
        Dialog(
            "Resume this subscriber?", "Resume",
            "What waits is sent at once, in its order.", ReasonDialog,
        ),
        lambda row, by, said: resume_subscriber(row.pk, by=by, **said),
        "Resumed.", lambda row: not is_active(row),
    ),
    Deed(
        "replay", "Send again", MANAGE,
        Dialog(
            "Send again since when?", "Send again",
            "Every event since then is sent once more, those already taken under the"
            " same webhook-id. Other systems may act twice if they do not look at it.",
            ReplayDialog,
        ),
        lambda row, by, said: replay(row.pk, by=by, **said),
        "Events since then are on their way.",
    ),
    Deed(
        "allow", "Allow restricted events", ALLOW,
        Dialog(
            "Send it restricted events?", "Allow",
            "From now on it is told of escalations and the like. A change of its"
            " address ends that.",
            ReasonDialog, "danger",
        ),
        lambda row, by, said: allow_restricted(row.pk, is_allowed=True, by=by, **said),
        "It gets restricted events.", lambda row: not row.is_restricted,
    ),
    Deed(
        "forbid", "Forbid restricted events", ALLOW,
        Dialog(
            "Send it no restricted events?", "Forbid",
            "Those that wait are withdrawn.", ReasonDialog,
        ),
        lambda row, by, said: allow_restricted(row.pk, is_allowed=False, by=by, **said),
        "It gets no restricted events.", lambda row: bool(row.is_restricted),
    ),
)  # fmt: skip

ROTATE = Dialog(
    "Make a new secret?", "Make secret",
    "It is shown once. Both sign until the old ones end, so the other system can change"
    " over without losing anything.",
    RotateDialog,
)  # fmt: skip


def perform(request: HttpRequest, deed: Deed, row: Subscriber) -> HttpResponse:
    def act(form: Any) -> str:
        said = {
            name: form.cleaned_data[name]
            for name in ("reason", "since") if name in form.cleaned_data
        }  # fmt: skip
        deed.act(row, request.user, said)
        return url_of(row)

    return ask(request, deed.dialog, object_id=row.pk, act=act, done=deed.done)


def ask_to_rotate(request: HttpRequest, row: Subscriber) -> HttpResponse:
    """Ask on GET; the page that shows the secret is the answer to the form."""
    by: Any = request.user
    if request.method != "POST":
        form = RotateDialog(request=request, object_id=row.pk)
        return show(request, ROTATE, form)
    form = RotateDialog(request=request, object_id=row.pk, data=request.POST)
    if not form.is_valid():
        return show(request, ROTATE, form)
    said = form.cleaned_data
    ends_at = _end_of(said["old_ends_on"])
    try:
        secret = rotate_secret(
            row.pk, old_ends_at=ends_at, by=by, reason=said["reason"]
        )
    except DomainError as error:
        form.add_error(error.field or None, error.message)
        return show(request, ROTATE, form)
    keep_for_once(request, row, secret)
    return go_to(request, url_of(row, "secret"))


def _end_of(day: Any) -> datetime:
    """The end of a day, UTC; now for one that is over."""
    ends_at = datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)
    return max(ends_at, timezone.now())


# --- shown once ---------------------------------------------------------------------
# A dialog is left by a redirect, so the secret waits in the session for the next page,
# encrypted, and for that page alone.
_KEY = "subscriber_secret"


def keep_for_once(request: HttpRequest, row: Subscriber, secret: str) -> None:
    request.session[_KEY] = [str(row.pk), encrypt(secret.encode())]


def show_once(
    request: HttpRequest, row: Subscriber, context: dict[str, Any]
) -> HttpResponse:
    """Show the secret that was just made; a second look shows that it is gone."""
    kept_for, token = request.session.get(_KEY, ["", ""])
    if kept_for != str(row.pk):
        return go_to(request, url_of(row))
    del request.session[_KEY]
    context |= {"secret": decrypt(token).decode(), "done_url": url_of(row)}
    return TemplateResponse(request, "subscribers/secret.html", context)
