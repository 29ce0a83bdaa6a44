"""What staff fill in about a customer; which fields there are follows the pack."""

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from common.errors import DomainError
from common.reading.countries import COUNTRIES
from common.reading.fields import NeededField, ReasonField
from common.text import clean
from customers.registry.details import as_stored, clean_answer
from customers.registry.dictionaries.entries import entries_of
from customers.registry.models import Customer, Dictionary
from customers.registry.registration import (
    clean_identity,
)
from tenants.models import Tenant
from tenants.packs.loader import EntityType as PackEntityType
from tenants.packs.loader import PackField

# A pack may ask for a “name” of its own; such a field is called details_name here.
RESERVED = frozenset(
    [
        "id", "name", "email", "phone", "telegram_id", "category", "channel",
        "customer_type", "entity_type", "terms_version", "reason", "row_version",
    ]
)  # fmt: skip


def form_name(key: str) -> str:
    """Name a pack's field as the form does: by its key, unless that is taken."""
    return f"details_{key}" if key in RESERVED else key


def is_needed(asked: PackField) -> bool:
    """Whether a file without the answer is incomplete; KYC stands on the ID number."""
    return asked.required or asked.key == "id_number"


class DateWidget(UnfoldAdminTextInputWidget):  # type: ignore[misc]
    """Shows days that were kept before they were all written alike, too."""

    def format_value(self, value: Any) -> str | None:
        shown: str | None = super().format_value(value)
        return as_stored(shown) if shown else shown


def answer_field(asked: PackField) -> forms.Field:
    """Build the form's field for one question; clean_answer checks what is typed."""
    kind = NeededField if is_needed(asked) else forms.CharField
    widget: forms.Widget = UnfoldAdminTextInputWidget({"autocomplete": "off"})
    if asked.type == "date":
        widget = DateWidget({"type": "date"})
    if asked.type == "choice":
        choices = [("", "–"), *((choice, choice) for choice in asked.choices)]
        widget = UnfoldAdminSelectWidget(choices=choices)
    if asked.type == "country":
        widget = UnfoldAdminSelectWidget(choices=[("", "–"), *COUNTRIES.items()])
    return kind(label=asked.label, required=False, widget=widget, help_text=asked.help)


class CustomerForm(forms.Form):
    """Name, contacts and the answers to one pack form, each checked at its field."""

    name = forms.CharField(
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        error_messages={"required": "Give a name with letters."},
    )
    email = NeededField(
        label="E-mail",
        required=False,
        max_length=254,
        widget=UnfoldAdminEmailInputWidget({"autocomplete": "off"}),
        error_messages={"max_length": "The e-mail is longer than 254 characters."},
    )
    phone = NeededField(
        required=False,
        widget=UnfoldAdminTextInputWidget({"type": "tel", "autocomplete": "off"}),
        help_text="With the country code, e.g. +233 24 412 3456.",
    )
    telegram_id = forms.CharField(
        label="Telegram id",
        required=False,
        max_length=64,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        error_messages={"max_length": "The Telegram id is longer than 64 characters."},
    )
    category = forms.ChoiceField(
        required=False,
        widget=UnfoldAdminSelectWidget(),
        help_text="The bank’s own grouping, if any.",
        error_messages={
            "invalid_choice": "Choose one of the list; the other may be retired."
        },
    )

    def offer_categories(self, tenant: Tenant, held: str = "") -> None:
        """Let the institution's own words be chosen; what is held stays offered."""
        dictionary = Dictionary.CUSTOMER_CATEGORY
        known = entries_of(tenant, dictionary)[dictionary]
        choices = [(entry.code, entry.label) for entry in known if entry.is_active]
        if held and held not in dict(choices):
            retired = {entry.code: f"{entry.label} (retired)" for entry in known}
            choices.append((held, retired.get(held, held)))
        field: Any = self.fields["category"]
        field.choices = [("", "–"), *choices]

    def ask(self, form: PackEntityType) -> None:
        """Add the pack's questions about this legal form."""
        self.pack_form = form
        for asked in form.fields:
            self.fields[form_name(asked.key)] = answer_field(asked)

    def pack_bound_fields(self) -> list[forms.BoundField]:
        return [self[form_name(asked.key)] for asked in self.pack_form.fields]

    def place_of(self, key: str) -> str | None:
        """The field of the form a refusal belongs to; None: above the form."""
        own = {asked.key for asked in self.pack_form.fields}
        name = form_name(key) if key in own and key not in self.fields else key
        return name if name in self.fields else None

    def refuse(self, error: DomainError) -> None:
        self.add_error(self.place_of(error.field), error.message)

    def answers(self) -> dict[str, str]:
        """What was typed to the pack's questions, by their keys; "" clears one."""
        return {
            asked.key: self.cleaned_data.get(form_name(asked.key), "")
            for asked in self.pack_form.fields
        }

    def clean_telegram_id(self) -> str:
        return clean(self.cleaned_data["telegram_id"])

    def clean(self) -> dict[str, Any]:
        """Check all fields at once; the command would stop at the first."""
        for part in ("name", "email", "phone"):
            if part in self.cleaned_data:
                self._check_identity(part)
        for asked in self.pack_form.fields:
            self._check_answer(asked)
        return self.cleaned_data

    def _check_identity(self, part: str) -> None:
        parts = {"name": "x", "email": "", "phone": ""}
        parts[part] = self.cleaned_data[part]
        if parts[part] == self.initial.get(part):
            return  # on file already; the command leaves it, too
        try:
            self.cleaned_data[part] = clean_identity(**parts)[part]
        except DomainError as error:
            self.add_error(part, error.message)

    def _check_answer(self, asked: PackField) -> None:
        name = form_name(asked.key)
        value = self.cleaned_data.get(name, "")
        if asked.type == "country":
            value = value.upper()
        try:
            self.cleaned_data[name] = clean_answer(asked, value)
        except DomainError as error:
            self.add_error(name, error.message)


class EditForm(CustomerForm):
    """The present values, why they change, and which version they were read from."""

    reason = ReasonField("Kept in the versions, e.g. “Moved house, seen a new bill”.")
    row_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    field_order = ("name", "email", "phone", "telegram_id", "category")

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        kwargs.setdefault("initial", values_of(customer))
        super().__init__(*args, **kwargs)
        self.ask(customer.pack_form)
        self.offer_categories(customer.tenant, customer.category)

    def changes(self) -> dict[str, Any]:
        """What update_customer takes."""
        names = ("name", "email", "phone", "telegram_id", "category")
        columns = {name: self.cleaned_data[name] for name in names}
        return {**columns, "details": self.answers()}


def values_of(customer: Any) -> dict[str, Any]:
    """The values of a customer, or of one of its versions, by the form's names."""
    names = ("name", "email", "phone", "telegram_id", "category", "row_version")
    columns = {name: getattr(customer, name) for name in names}
    details = {form_name(key): text for key, text in customer.details.items()}
    return {**details, **columns}
