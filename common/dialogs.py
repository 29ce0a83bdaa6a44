"""A question in a dialog: shown, checked, acted on by one command, explained."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from unfold.forms import BaseDialogForm

from common.errors import DomainError

TEMPLATE = "unfold/helpers/dialog.html"
PAGE = "face/dialog_page.html"


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
    """Answer with the dialog, or with a whole page to who opened its address."""
    context = {"dialog": dialog, "form": form, "form_submit_text": dialog.submit}
    if request.headers.get("HX-Request"):
        answer = render(request, TEMPLATE, context)
    else:
        context |= admin.site.each_context(request)
        context |= {"title": dialog.title, "back_url": _came_from(request)}
        answer = render(request, PAGE, context)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


def _came_from(request: HttpRequest) -> str:
    """Return the page of ours that led here, else the home page."""
    came_from = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()})
    if is_ours and came_from != request.build_absolute_uri():
        return came_from
    return reverse("admin:index")


def go_to(request: HttpRequest, address: str) -> HttpResponse:
    """Leave the dialog; a plain redirect would be swallowed by htmx."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def require(request: HttpRequest, permission: str) -> None:
    """Raise PermissionDenied unless the user holds `permission`."""
    if not request.user.has_perm(permission):
        raise PermissionDenied
