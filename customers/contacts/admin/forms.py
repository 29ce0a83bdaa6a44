"""What staff fill in about a phone, an e-mail, an address, and a preference."""

from typing import Any

from django import forms
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from common.reading.countries import COUNTRIES
from common.reading.fields import NeededChoice, NeededField, ReasonField
from customers.contacts.choices import Kind, Language, PreferredChannel


def _line(
    label: str, *, help_text: str = "", kind: type[forms.CharField] = forms.CharField,
    **attrs: Any,
) -> forms.CharField:  # fmt: skip
    """A line of text; of what is needed the command says in words what is missing."""
    widget = UnfoldAdminTextInputWidget({"autocomplete": "off", **attrs})
    return kind(label=label, required=False, widget=widget, help_text=help_text)


def _code(label: str) -> forms.ChoiceField:
    """Offers nothing by itself; `choosing` puts the institution's words in."""
    return forms.ChoiceField(
        label=label,
        required=False,
        widget=UnfoldAdminSelectWidget(),
        error_messages={
            "invalid_choice": "Choose one of the list; the other may be retired."
        },
    )


class ReasonForm(BaseDialogForm):  # type: ignore[misc]
    reason = ReasonField("Kept in the versions, with your name.")


class PhoneForm(ReasonForm):
    number = _line(
        "Phone", type="tel", kind=NeededField,
        help_text="With the country code, e.g. +233 24 412 3456.",
    )  # fmt: skip
    type = _code("Type")
    operator = _code("Network operator")
    field_order = ("number", "type", "operator", "reason")


class EmailForm(ReasonForm):
    email = NeededField(
        label="E-mail",
        required=False,
        widget=UnfoldAdminEmailInputWidget({"autocomplete": "off"}),
    )
    type = _code("Type")
    field_order = ("email", "type", "reason")


class AddressForm(ReasonForm):
    lines = NeededField(
        label="Address",
        required=False,  # the command says in words what is missing or too long
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text="Street and number, up to four lines.",
    )
    postcode = _line("Postcode")
    town = _line("Town")
    region = _line("Region")
    country = NeededChoice(
        required=False,
        choices=[("", "–"), *COUNTRIES.items()],
        widget=UnfoldAdminSelectWidget(),
    )
    type = _code("Type")
    field_order = (
        "lines", "postcode", "town", "region", "country", "type", "reason",
    )  # fmt: skip


class PreferenceForm(ReasonForm):
    channel = forms.ChoiceField(
        label="Preferred channel",
        choices=PreferredChannel.choices,
        widget=UnfoldAdminSelectWidget(),
    )
    language = forms.ChoiceField(
        choices=Language.choices, widget=UnfoldAdminSelectWidget()
    )
    field_order = ("channel", "language", "reason")


class CodeForm(BaseDialogForm):  # type: ignore[misc]
    code = forms.CharField(
        max_length=20,
        widget=UnfoldAdminTextInputWidget(
            {"autocomplete": "off", "inputmode": "numeric"}
        ),
        error_messages={
            "required": "Type the six digits.",
            "max_length": "A code has six digits.",
        },
    )


FORMS: dict[str, type[ReasonForm]] = {
    Kind.PHONE: PhoneForm, Kind.EMAIL: EmailForm, Kind.ADDRESS: AddressForm,
}  # fmt: skip


def choosing(
    form: type[ReasonForm], words: dict[str, list[tuple[str, str]]]
) -> type[ReasonForm]:
    """The same form with the words its codes are chosen from, by field."""

    class ChoiceForm(form):  # type: ignore[valid-type,misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            for name, choices in words.items():
                self.fields[name].choices = choices

    return ChoiceForm


def adding(form: type[ReasonForm]) -> type[ReasonForm]:
    """The same form with the question whether it becomes the primary one."""

    class AddForm(form):  # type: ignore[valid-type,misc]
        is_primary = forms.BooleanField(
            label="Make it the primary one",
            required=False,
            widget=UnfoldBooleanWidget(),
        )

    return AddForm


def beginning_with(form: Any, values: dict[str, Any], version: int) -> type[ReasonForm]:
    """The same form, with what is held already and the number of that version."""

    class BegunForm(form):  # type: ignore[misc]
        version = forms.IntegerField(required=False, widget=forms.HiddenInput())

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            held = {**values, "version": version}
            super().__init__(*args, initial=held, **kwargs)

        def clean_version(self) -> int:
            """The one that was shown; who names none was shown none."""
            seen: int | None = self.cleaned_data["version"]
            return -1 if seen is None else seen

    return BegunForm
