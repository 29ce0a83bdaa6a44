"""The dialogs on a customer: each says what will happen, then calls one command."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from common.dialogs import Dialog, ask
from customers.registry import services
from customers.registry.choices import Activity, DeclineReason, SuspensionReason
from customers.registry.models import Customer


def _capitalised(choices: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Write the words of a sentence as lines of a list."""
    return [(code, words[:1].upper() + words[1:]) for code, words in choices]


def _reason_of(choices: list[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Reason",
        choices=[("", "Choose a reason"), *_capitalised(choices)],
        widget=UnfoldAdminSelectWidget(),
        error_messages={
            "required": "Choose a reason.",
            "invalid_choice": "Choose one of the list.",
        },
    )


class SuspendForm(BaseDialogForm):  # type: ignore[misc]
    reason = _reason_of(SuspensionReason.choices)


class DeclineForm(BaseDialogForm):  # type: ignore[misc]
    reason = _reason_of(DeclineReason.choices)


class ReasonForm(BaseDialogForm):  # type: ignore[misc]
    reason = forms.CharField(
        max_length=200,
        widget=UnfoldAdminTextareaWidget(),
        help_text="Kept in the versions, with your name.",
        error_messages={
            "required": "Say why in a few words.",
            "max_length": "Say it in at most 200 characters.",
        },
    )


def suspend(admin: Any, request: HttpRequest, customer: Customer) -> HttpResponse:
    def act(form: Any) -> str:
        reason = SuspensionReason(form.cleaned_data["reason"])
        services.suspend_customer(customer.pk, reason=reason, by=_actor(request))
        return str(admin.url_of(customer))

    dialog = Dialog(
        title=f"Suspend {customer.name}",
        description="Every operation stops and the accounts are held"
        " until somebody reinstates the customer.",
        submit="Suspend",
        form_class=SuspendForm,
        variant="danger",
    )
    done = f"{customer.name} is suspended."
    return ask(request, dialog, object_id=customer.pk, act=act, done=done)


def reinstate(admin: Any, request: HttpRequest, customer: Customer) -> HttpResponse:
    def act(form: Any) -> str:
        reason = form.cleaned_data["reason"]
        services.reinstate_customer(customer.pk, reason=reason, by=_actor(request))
        return str(admin.url_of(customer))

    dialog = Dialog(
        title=f"Reinstate {customer.name}",
        description="Operations go on, and the accounts are opened again"
        " as the customer’s activity allows.",
        submit="Reinstate",
        form_class=ReasonForm,
    )
    done = f"{customer.name} is reinstated."
    return ask(request, dialog, object_id=customer.pk, act=act, done=done)


def decline(admin: Any, request: HttpRequest, customer: Customer) -> HttpResponse:
    def act(form: Any) -> str:
        reason = DeclineReason(form.cleaned_data["reason"])
        services.decline_customer(customer.pk, reason=reason, by=_actor(request))
        return str(admin.url_of(customer))

    dialog = Dialog(
        title=f"Decline {customer.name}",
        description="The application is rejected and archived;"
        " this cannot be taken back.",
        submit="Decline",
        form_class=DeclineForm,
        variant="danger",
    )
    done = f"{customer.name} is declined."
    return ask(request, dialog, object_id=customer.pk, act=act, done=done)


def record_activity(
    admin: Any, request: HttpRequest, customer: Customer
) -> HttpResponse:
    def act(form: Any) -> str:
        reason = form.cleaned_data["reason"]
        services.record_activity(customer.pk, reason=reason, by=_actor(request))
        return str(admin.url_of(customer))

    was = "a dormant" if customer.activity == Activity.SUSPENDED else "an inactive"
    dialog = Dialog(
        title="Record activity",
        description=f"Today counts as {customer.name}’s last activity,"
        f" and {was} customer becomes active again.",
        submit="Record activity",
        form_class=ReasonForm,
    )
    done = "Today counts as the last activity."
    return ask(request, dialog, object_id=customer.pk, act=act, done=done)


def _actor(request: HttpRequest) -> Any:
    return request.user
