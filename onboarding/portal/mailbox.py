"""Mails that would have been sent, for a demo without a mail server."""

from dataclasses import dataclass
from datetime import UTC
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import dateformat, timezone
from django.views.decorators.cache import never_cache

NEWEST = 50
READ_NO_FURTHER = 100_000  # bytes of one file; ours are a few hundred
_BETWEEN = b"\n" + b"-" * 79 + b"\n"  # what Django's file backend writes after each


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    date: str
    text: str


def is_open() -> bool:
    """Whether mails end in files and nobody real can be looked at."""
    is_filed = settings.EMAIL_BACKEND.endswith("filebased.EmailBackend")
    return bool(settings.DEBUG and is_filed)


@never_cache
def mailbox(request: HttpRequest) -> HttpResponse:
    """Show the newest mails; 404 wherever mails are really sent."""
    if not is_open():
        raise Http404
    mails = read_mails(Path(settings.EMAIL_FILE_PATH))
    return render(request, "portal/mailbox.html", {"mails": mails})


def read_mails(folder: Path) -> list[Mail]:
    """Return the newest mails of a folder, newest first; unreadable ones are left."""
    files = sorted(folder.glob("*.log"), key=_changed_at, reverse=True)[:NEWEST]
    return [mail for file in files for mail in reversed(_mails_in(file))][:NEWEST]


def _changed_at(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def _mails_in(file: Path) -> list[Mail]:
    try:
        with file.open("rb") as stream:
            content = stream.read(READ_NO_FURTHER)
    except OSError:
        return []
    return [_as_mail(part) for part in content.split(_BETWEEN) if part.strip()]


def _as_mail(content: bytes) -> Mail:
    message = message_from_bytes(content.lstrip(), policy=policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 - the policy makes these
    body = message.get_body(preferencelist=("plain",))
    return Mail(
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        date=_date_of(message),
        text=body.get_content() if body else "",
    )


def _date_of(message: EmailMessage) -> str:
    """Write the date as "21 Nov 11:46"; one that cannot be read is left out."""
    sent_at = getattr(message["Date"], "datetime", None)
    if sent_at is None:
        return ""
    if timezone.is_naive(sent_at):  # "-0000": UTC, whose zone nobody named
        sent_at = sent_at.replace(tzinfo=UTC)
    return dateformat.format(timezone.localtime(sent_at), "j M H:i")
