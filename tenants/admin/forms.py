"""What administrators fill in about staff and the institution's policy."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from common.money import CURRENCIES
from common.reading.fields import ReasonField
from tenants.models import Tenant, User
from tenants.packs.loader import load_packs
from tenants.services import role_choices

LONGEST_TERM = {"days": 36_525, "years": 100}  # a century; more is a slip


class RolesField(forms.MultipleChoiceField):
    def __init__(self) -> None:
        super().__init__(
            choices=role_choices,
            required=False,
            widget=UnfoldAdminCheckboxSelectMultipleWidget(),
            help_text="Administrators decide nothing about customers,"
            " and tellers do not clear them: such pairs are refused.",
            error_messages={"invalid_choice": "Choose roles of the list."},
        )


class NameField(forms.CharField):
    def __init__(self) -> None:
        super().__init__(
            max_length=120,
            widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
            error_messages={
                "required": "Give the name.",
                "max_length": "The name is longer than 120 characters.",
            },
        )


class NewStaffForm(forms.Form):
    """A first login; without single sign-on it needs a password."""

    name = NameField()
    email = forms.EmailField(
        label="E-mail",
        max_length=200,
        widget=UnfoldAdminEmailInputWidget({"autocomplete": "off"}),
        help_text="They sign in with it.",
        error_messages={
            "required": "Give the e-mail.",
            "invalid": "The e-mail does not look right.",
            "max_length": "The e-mail is longer than 200 characters.",
        },
    )
    roles = RolesField()
    password = forms.CharField(
        label="First password",
        strip=False,
        required=False,
        max_length=200,
        widget=UnfoldAdminPasswordWidget({"autocomplete": "new-password"}),
        help_text="At least 12 characters; they change it after signing in.",
    )
    password_again = forms.CharField(
        label="The same again",
        strip=False,
        required=False,
        max_length=200,
        widget=UnfoldAdminPasswordWidget({"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        needs_password = not settings.STAFF_OIDC_ISSUER
        for name in ("password", "password_again"):
            self.fields[name].required = needs_password
            self.fields[name].error_messages["required"] = "Give a first password."

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        password = said.get("password", "")
        if {"password", "password_again"} & set(self.errors):
            return said
        if password != said.get("password_again", ""):
            self.add_error("password_again", "The two passwords differ.")
        elif password:
            self._validate(password)
        return said

    def _validate(self, password: str) -> None:
        email = self.cleaned_data.get("email", "")
        name = self.cleaned_data.get("name", "")
        try:
            validate_password(password, User(username=email, email=email, name=name))
        except ValidationError as error:
            self.add_error("password", error)


class StaffForm(forms.Form):
    """Name, roles and whether they may sign in; the e-mail is the login and stays."""

    name = NameField()
    roles = RolesField()
    is_active = forms.BooleanField(
        label="May sign in",
        required=False,
        widget=UnfoldBooleanWidget(),
        help_text="Clear it when somebody leaves; nobody is deleted.",
    )
    reason = ReasonField()


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """The institution's policy; change_policy saves it, this form only checks."""

    reason = ReasonField("Kept in the versions, for whoever examines the bank.")

    class Meta:
        model = Tenant
        fields = (
            "name", "pack", "currency", "time_zone", "kyc_required", "kyc_valid_days",
            "inactive_after_days", "suspended_after_days", "retention_years",
            "is_single_employee",
        )  # fmt: skip
        widgets = {
            "name": UnfoldAdminTextInputWidget(),
            "kyc_required": UnfoldBooleanWidget(),
            "is_single_employee": UnfoldBooleanWidget(),
            "kyc_valid_days": UnfoldAdminIntegerFieldWidget(),
            "inactive_after_days": UnfoldAdminIntegerFieldWidget(),
            "suspended_after_days": UnfoldAdminIntegerFieldWidget(),
            "retention_years": UnfoldAdminIntegerFieldWidget(),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        packs = [(name, pack.title) for name, pack in sorted(load_packs().items())]
        self._choose("pack", packs)
        self._choose("currency", [(code, code) for code in sorted(CURRENCIES)])
        zones = sorted(available_timezones())
        self._choose("time_zone", [(zone, zone) for zone in zones])
        for name, field in self.fields.items():
            unit = name.rpartition("_")[2]
            if unit in LONGEST_TERM:
                most = LONGEST_TERM[unit]
                said = f"More than {most:,} {unit} is a slip."
                field.validators.append(MaxValueValidator(most, said))

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        old = self.fields[name]
        self.fields[name] = forms.ChoiceField(
            label=old.label,
            choices=choices,
            widget=UnfoldAdminSelectWidget(),
            error_messages={"invalid_choice": "Choose one of the list."},
        )

    def policy(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}
