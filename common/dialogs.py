"""A question in a dialog: shown, checked, acted on by one command, explained."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from unfold.forms import BaseDialogForm

from common.errors import DomainError

TEMPLATE = "unfold/helpers/dialog.html"


@dataclass(frozen=True)
class Dialog:
    """What is asked. `variant` "danger" draws the button red."""

    title: str
    submit: str
    description: str = ""
    form_class: type[BaseDialogForm] = BaseDialogForm
    variant: str = ""


def ask(
    request: HttpRequest, dialog: Dialog, *, object_id: Any,
    act: Callable[[Any], str], done: str = "",
) -> HttpResponse:  # fmt: skip
    """Show the dialog, or act and go to the address that `act` returns.

    `act` gets the cleaned form; a DomainError stays in the dialog as one sentence,
    with what was typed. `done` is said above the next page.
    """
    is_posted = request.method == "POST"
    form: Any = dialog.form_class(
        request=request, object_id=object_id, data=request.POST if is_posted else None
    )
    if is_posted and form.is_valid():
        try:
            address = act(form)
        except DomainError as error:
            field = error.field if error.field in form.fields else None
            form.add_error(field, error.message)
        else:
            if done:
                messages.success(request, done)
            return go_to(request, address)
    return show(request, dialog, form)


def show(request: HttpRequest, dialog: Dialog, form: Any) -> HttpResponse:
    context = {"dialog": dialog, "form": form, "form_submit_text": dialog.submit}
    return render(request, TEMPLATE, context)


def go_to(request: HttpRequest, address: str) -> HttpResponse:
    """Leave the dialog; a plain redirect would be swallowed by htmx."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def require(request: HttpRequest, permission: str) -> None:
    """Raise PermissionDenied unless the user holds `permission`."""
    if not request.user.has_perm(permission):
        raise PermissionDenied
