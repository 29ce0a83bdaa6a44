"""Ask once whether one takes a message from the colleague who is at it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.forms import BaseDialogForm

from common.dialogs import Dialog, ask
from customers.contacts.admin.message_line import CLAIMED
from customers.contacts.commands.taking_over import take_over_message
from customers.contacts.models import Message
from customers.registry.claims.running import AtIt, who_is_at
from tenants.models import User


class TakeOverForm(BaseDialogForm):  # type: ignore[misc]
    """Carries whom the question named, so that nobody else is overrun."""

    held_by = forms.UUIDField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        held = who_is_at(CLAIMED, kwargs["object_id"], request.user)  # type: ignore[arg-type]
        self.fields["held_by"].initial = held.holder_id


def take_over_url(message: Message, held: AtIt) -> str:
    """Where it is asked, while a colleague is at it."""
    if not held.colleague:
        return ""
    return reverse("admin:contacts_message_take_over", args=[message.pk])


def ask_to_take_over(request: HttpRequest, message: Message) -> HttpResponse:
    """Name the colleague; their claim goes over, and that is recorded."""
    user: User = request.user  # type: ignore[assignment]

    def act(form: Any) -> str:
        held_by = form.cleaned_data["held_by"] or user.pk
        loser = take_over_message(message.pk, by=user, held_by=held_by)
        said = f"You took over from {loser}." if loser else "You are at it."
        messages.success(request, said)
        return reverse("admin:contacts_message_change", args=[message.pk])

    held = who_is_at(CLAIMED, message.pk, user)
    dialog = Dialog(
        title="Take over",
        description=f"{held.colleague or 'No colleague is at it any more.'} The message"
        " becomes yours, and the record says so.",
        submit="Take over",
        form_class=TakeOverForm,
    )
    return ask(request, dialog, object_id=message.pk, act=act)
