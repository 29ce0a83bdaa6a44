"""What staff fill in about outside checks."""

from typing import Any

from django import forms
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from common.keys import new_id
from common.reading.fields import ReasonField
from customers.checks.choices import RESULTS, Kind
from customers.checks.models import LONGEST_REFERENCE, OutsideCheck
from customers.checks.services import LONGEST_NOTE, LONGEST_WHY
from customers.checks.subjects import places_of
from customers.registry.models import Customer

HOW = {
    Kind.BUREAU: "The number of the bureau’s report.",
    Kind.ADDRESS: "How it was found out: a visit, a letter, a utility’s register.",
}


class AskForm(BaseDialogForm):  # type: ignore[misc]
    """`check_id` is made with the form, so a second press asks no second time."""

    check_id = forms.UUIDField(widget=forms.HiddenInput, initial=new_id)


class AskAboutAddressForm(AskForm):
    address = forms.ChoiceField(
        label="Address",
        help_text="Those of the file and of the contacts.",
        widget=UnfoldAdminSelectWidget,
        error_messages={
            "required": "Choose the address.",
            "invalid_choice": "Choose an address of the list.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        customer = Customer.objects.get(pk=self.object_id)
        places = places_of(customer)
        nothing = [] if places else [("", "No address is on file yet")]
        found = [(place.key, place.words) for place in places]
        self.fields["address"].choices = [*nothing, *found]


class RecordForm(BaseDialogForm):  # type: ignore[misc]
    result = forms.ChoiceField(
        widget=UnfoldAdminSelectWidget,
        error_messages={
            "required": "Choose the result.",
            "invalid_choice": "Choose a result of the list.",
        },
    )
    reference = forms.CharField(
        max_length=LONGEST_REFERENCE,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        error_messages={
            "required": "Say where it can be read, or how it was found out.",
            "max_length": f"Write it in at most {LONGEST_REFERENCE} characters.",
        },
    )
    note = forms.CharField(
        label="Note for staff",
        required=False,
        max_length=LONGEST_NOTE,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text="Whatever else whoever looks at it later must know.",
        error_messages={
            "max_length": f"Write it in at most {LONGEST_NOTE:,} characters."
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = Kind(OutsideCheck.objects.only("kind").get(pk=self.object_id).kind)
        words = [(result.value, result.label) for result in RESULTS[kind]]
        self.fields["result"].choices = [("", "–"), *words]
        self.fields["reference"].help_text = HOW[kind]


class WithdrawForm(BaseDialogForm):  # type: ignore[misc]
    reason = ReasonField("Kept in the versions, with your name.", longest=LONGEST_WHY)
