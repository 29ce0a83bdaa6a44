"""What a customer meets without a login: the page of a link, and the demo’s SMS."""

import json
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from common.errors import DomainError
from customers.contacts import sms
from customers.contacts.services import confirm_email
from customers.contacts.verification import language_of_link, read_link
from tenants.services import get_machine

NEWEST = 50
READ_NO_FURTHER = 10_000  # bytes of one file; ours are a few hundred
GONE = 410


@dataclass(frozen=True)
class Message:
    to: str
    text: str


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button; only its press confirms, so that mail scanners verify nothing."""
    is_done = request.method == "POST"
    language = language_of_link(token)
    # English is the page itself; the others put their words into its blocks.
    pages = [f"contacts/confirm.{language}.html", "contacts/confirm.html"]
    try:
        if is_done:
            challenge = confirm_email(token, by=get_machine("contacts"))
        else:
            challenge = read_link(token)
    except DomainError:
        return render(request, pages, {"is_over": True}, status=GONE)
    context = {"tenant": challenge.tenant, "is_done": is_done}
    return render(request, pages, context)


@never_cache
@require_safe
def messages(request: HttpRequest) -> HttpResponse:
    """Show the newest SMS; 404 wherever they are really sent."""
    if not sms.is_open():
        raise Http404
    shown = read_messages(Path(settings.SMS_DIR))
    return render(request, "contacts/messages.html", {"messages": shown})


def read_messages(folder: Path) -> list[Message]:
    """The newest first; files that cannot be read are left."""
    files = sorted(folder.glob("*.json"), reverse=True)[:NEWEST]
    return [message for file in files if (message := _message_in(file))]


def _message_in(file: Path) -> Message | None:
    try:
        with file.open("rb") as stream:
            said = json.loads(stream.read(READ_NO_FURTHER))
        return Message(str(said["to"]), str(said["text"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
