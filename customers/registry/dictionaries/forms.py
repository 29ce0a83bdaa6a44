"""What administrators fill in about a dictionary."""

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from common.reading.fields import ReasonField
from customers.registry.dictionaries.csv_file import MAX_BYTES
from customers.registry.dictionaries.entries import MAX_LABEL, MAX_ORDER, EntryRow
from customers.registry.models import MIRRORED, Dictionary

EDITABLE = [choice for choice in Dictionary.choices if choice[0] not in MIRRORED]
_NUMBER = f"The order is a number from 0 to {MAX_ORDER:,}."
TOO_LARGE = "The file is larger than 10 MB."


class LabelField(forms.CharField):
    def __init__(self) -> None:
        super().__init__(
            max_length=MAX_LABEL,
            widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
            help_text="What staff read in the list.",
            error_messages={
                "required": "Give a label.",
                "max_length": f"The label is longer than {MAX_LABEL} characters.",
            },
        )


class OrderField(forms.IntegerField):
    def __init__(self) -> None:
        super().__init__(
            min_value=0,
            max_value=MAX_ORDER,
            widget=UnfoldAdminIntegerFieldWidget(),
            help_text="The lowest stands first.",
            error_messages=dict.fromkeys(
                ("required", "invalid", "min_value", "max_value"), _NUMBER
            ),
        )


class ChangeEntryForm(forms.Form):
    """The code is not asked: customers keep it."""

    label = LabelField()
    order = OrderField()
    is_active = forms.BooleanField(
        label="In use",
        required=False,
        widget=UnfoldBooleanWidget(),
        help_text="Clear it to retire the code: customers who have it keep it.",
    )
    reason = ReasonField()
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class AddEntryForm(forms.Form):
    dictionary = forms.ChoiceField(
        choices=EDITABLE,
        widget=UnfoldAdminSelectWidget(),
        error_messages={"invalid_choice": "Choose one of the list."},
    )
    code = forms.CharField(
        max_length=40,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        help_text="Small letters, digits and underscores; it stays as it is for good.",
        error_messages={
            "required": "Give a code.",
            "max_length": "The code is longer than 40 characters.",
        },
    )
    label = LabelField()
    order = OrderField()
    reason = ReasonField()

    def row(self) -> EntryRow:
        said: dict[str, Any] = self.cleaned_data
        return EntryRow(said["code"], said["label"], said["order"])


class ImportForm(forms.Form):
    """A whole dictionary, or a part of it."""

    file = forms.FileField(
        label="CSV file",
        help_text="Columns code, label, order and active (yes or no); at most 10 MB.",
        widget=UnfoldAdminFileFieldWidget({"accept": ".csv,text/csv"}),
        error_messages={
            "required": "Choose a file.",
            "invalid": "Choose a file.",
            "missing": "Choose a file.",
            "empty": "The file is empty.",
        },
    )
    reason = ReasonField()

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        return file
