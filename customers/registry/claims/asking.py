"""Ask once whether one takes something from the colleague who is at it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from unfold.forms import BaseDialogForm

from common.dialogs import Dialog, ask
from customers.registry.claims.running import who_is_at
from customers.registry.models import ClaimKind
from tenants.models import User


def ask_to_take_over(
    request: HttpRequest, kind: ClaimKind, subject_id: UUID, *, noun: str,
    take_over: Callable[[UUID], User | None], onward: Callable[[], str],
) -> HttpResponse:  # fmt: skip
    """Name the colleague; their claim goes over by `take_over`, which records it.

    `take_over` gets whom the question named; `onward` says where one goes then.
    """
    user: User = request.user  # type: ignore[assignment]
    held = who_is_at(kind, subject_id, user)

    class TakeOverForm(BaseDialogForm):  # type: ignore[misc]
        """Carries whom the question named, so that nobody else is overrun."""

        held_by = forms.UUIDField(
            required=False, initial=held.holder_id, widget=forms.HiddenInput()
        )

    def act(form: Any) -> str:
        loser = take_over(form.cleaned_data["held_by"] or user.pk)
        said = f"You took over from {loser}." if loser else "You are at it."
        messages.success(request, said)
        return onward()

    dialog = Dialog(
        title="Take over",
        description=f"{held.colleague or 'No colleague is at it any more.'} The {noun}"
        " becomes yours, and the record says so.",
        submit="Take over",
        form_class=TakeOverForm,
    )
    return ask(request, dialog, object_id=subject_id, act=act)
