"""What is filled in about tokens and clients of the API."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDateWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from api.callers.tokens import LONGEST, MAX_NAME, scopes_of
from api.names import GROUPS
from common.lists.boxes import GroupedBoxes
from tenants.models import User
from tenants.services import client_role_choices

USUAL = timedelta(days=90)


def _text(label: str, help_text: str, most: int, missing: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        help_text=help_text,
        error_messages={
            "required": missing,
            "max_length": f"At most {most} characters.",
        },
    )


class TokenForm(forms.Form):
    name = _text(
        "Name", "What will use it, such as “Nightly report”.", MAX_NAME,
        "Give the token a name.",
    )  # fmt: skip
    expires_on = forms.DateField(
        label="Expires",
        widget=UnfoldAdminDateWidget(format="%Y-%m-%d"),
        help_text=f"Good until the end of that day; at most {LONGEST.days} days.",
        error_messages={
            "required": "Say until when it is good.",
            "invalid": "Write the day as in 2027-01-31.",
        },
    )
    scopes = forms.MultipleChoiceField(
        label="May",
        widget=GroupedBoxes(),
        help_text="Only what you may do yourself, and only as long as you may.",
        error_messages={
            "required": "Say what the token is for.",
            "invalid_choice": "Choose from the list.",
        },
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes: Any = self.fields["scopes"]
        scopes.choices = _grouped(scopes_of(user))
        self.initial["expires_on"] = timezone.now().date() + USUAL


def _grouped(words: dict[str, str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Set `words` (by scope) under captions; a group of which none is left is out."""
    groups = (
        (caption, [(code, words[code]) for code in codes if code in words])
        for caption, codes in GROUPS.items()
    )
    return [(caption, boxes) for caption, boxes in groups if boxes]


class _RolesField(forms.MultipleChoiceField):
    def __init__(self) -> None:
        super().__init__(
            label="Roles",
            choices=client_role_choices,
            required=False,
            widget=UnfoldAdminCheckboxSelectMultipleWidget(),
            help_text="It may do by the API what a colleague of these roles may."
            " Only a reporting system may report products.",
            error_messages={"invalid_choice": "Choose roles of the list."},
        )


class NewClientForm(forms.Form):
    client_id = _text(
        "Client id", "Exactly as at the identity provider; it cannot be changed.", 120,
        "Give the client id.",
    )  # fmt: skip
    name = _text("Name", "What it is, for people.", 120, "Give the name.")
    roles = _RolesField()


class ClientForm(forms.Form):
    name = _text("Name", "What it is, for people.", 120, "Give the name.")
    roles = _RolesField()
    is_active = forms.BooleanField(
        label="May call",
        required=False,
        widget=UnfoldBooleanWidget(),
        help_text="Clear it to bar it at once.",
    )
    reason = _text("Why", "Kept in the versions.", 200, "Say why in a few words.")
