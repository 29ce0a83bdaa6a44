"""Ask once whether one takes a message from the colleague who is at it."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from customers.contacts.admin.message_line import CLAIMED
from customers.contacts.commands.taking_over import take_over_message
from customers.contacts.models import Message
from customers.registry.claims import asking
from customers.registry.claims.running import AtIt
from tenants.models import User


def take_over_url(message: Message, held: AtIt) -> str:
    """Where it is asked, while a colleague is at it."""
    if not held.colleague:
        return ""
    return reverse("admin:contacts_message_take_over", args=[message.pk])


def ask_to_take_over(request: HttpRequest, message: Message) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    return asking.ask_to_take_over(
        request, CLAIMED, message.pk, noun="message",
        take_over=lambda held_by: take_over_message(
            message.pk, by=user, held_by=held_by
        ),
        onward=partial(reverse, "admin:contacts_message_change", args=[message.pk]),
    )  # fmt: skip
