"""What is asked when a task is closed or handed over."""

from typing import Any

from django import forms
from django.http import HttpRequest
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from common.reading.fields import ReasonField
from customers.registry.admin.task_lists import handlers_of
from tenants.models import User


class OutcomeForm(BaseDialogForm):  # type: ignore[misc]
    outcome = forms.CharField(
        label="What came of it",
        max_length=1000,
        widget=UnfoldAdminTextareaWidget(),
        help_text="Kept with your name; the front line does not see it.",
        error_messages={
            "required": "Say what came of it.",
            "max_length": "Say it in at most 1,000 characters.",
        },
    )


class HandOverForm(BaseDialogForm):  # type: ignore[misc]
    to = forms.ModelChoiceField(
        queryset=User.objects.none(),
        label="To",
        empty_label="Choose a colleague",
        widget=UnfoldAdminSelectWidget(),
        help_text="Whoever may close tasks; you may take it over yourself.",
        error_messages={
            "required": "Choose a colleague.",
            "invalid_choice": "Choose a colleague of the list.",
        },
    )
    reason = ReasonField()

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        self.fields["to"].queryset = handlers_of(request.user)
