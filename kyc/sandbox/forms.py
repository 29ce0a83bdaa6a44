"""The forms on the stand-in's pages."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from kyc.sandbox.details import CompanyDetails, Details, PersonDetails
from kyc.sandbox.models import SandboxApplicant, SandboxSwitches

DOCUMENTS = [
    ("PASSPORT", "Passport"),
    ("ID_CARD", "Identity card"),
    ("DRIVERS", "Driving licence"),
    ("RESIDENCE_PERMIT", "Residence permit"),
]
LABELS = [
    ("UNSATISFACTORY_PHOTOS", "Photos are not good enough"),
    ("INCOMPLETE_DOCUMENT", "Part of the document is missing"),
    ("EXPIRATION_DATE", "Document has expired"),
    ("BAD_PROOF_OF_ADDRESS", "Proof of address does not do"),
    ("PROBLEMATIC_APPLICANT_DATA", "Details do not match"),
    ("FORGERY", "Forgery"),
    ("SANCTIONS", "On a sanctions list"),
    ("PEP", "Politically exposed person"),
    ("COMPANY_NOT_VALIDATED_BENEFICIARIES", "Owners of the company not verified"),
]
_COUNTRY = RegexValidator(
    r"^[A-Z]{3}\Z", "Give the country in three capital letters, such as KEN."
)
_COUNTRY_HELP = "Three letters, such as KEN"


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DetailsForm(forms.Form):
    """What an applicant fills in; a gap is named."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for bound in self:
            bound.field.error_messages["required"] = f"{bound.label} is missing."

    def details(self) -> Details:
        """Return what was typed."""
        raise NotImplementedError


class PersonForm(DetailsForm):
    """What a person tells the provider."""

    first_name = forms.CharField(max_length=100)
    last_name = forms.CharField(max_length=100)
    birth_date = forms.DateField(widget=_day())
    nationality = forms.CharField(validators=[_COUNTRY], help_text=_COUNTRY_HELP)
    address = forms.CharField(max_length=300)
    document_type = forms.ChoiceField(choices=DOCUMENTS)
    document_number = forms.CharField(max_length=60)
    document_valid_until = forms.DateField(widget=_day(), required=False)

    def clean_birth_date(self) -> date:
        """Refuse people not yet born."""
        born: date = self.cleaned_data["birth_date"]
        if born >= date.today():  # noqa: DTZ011 - a birthday has no zone
            raise forms.ValidationError("Give a birth date in the past.")
        return born

    def details(self) -> PersonDetails:
        """Return what was typed."""
        return PersonDetails(**self.cleaned_data)


class CompanyForm(DetailsForm):
    """What a company tells the provider."""

    name = forms.CharField(label="Company name", max_length=200)
    registration_number = forms.CharField(max_length=60)
    country = forms.CharField(validators=[_COUNTRY], help_text=_COUNTRY_HELP)
    address = forms.CharField(max_length=300)

    def details(self) -> CompanyDetails:
        """Return what was typed."""
        return CompanyDetails(**self.cleaned_data)


class VerdictForm(forms.Form):
    """What the reviewer adds to a RED."""

    labels = forms.MultipleChoiceField(
        choices=LABELS, required=False, widget=forms.CheckboxSelectMultiple
    )
    moderation_comment = forms.CharField(
        label="Comment for the applicant", required=False, max_length=500
    )
    client_comment = forms.CharField(
        label="Comment for the bank’s staff", required=False, max_length=500
    )


# Which faults to show.
SwitchesForm = forms.modelform_factory(SandboxSwitches, fields="__all__")


def details_form(applicant: SandboxApplicant, typed: Any = None) -> DetailsForm:
    """Return the form for this kind of applicant, filled with what is known."""
    kind: type[DetailsForm] = CompanyForm if applicant.is_company else PersonForm
    return kind(typed, initial=_initial(applicant), label_suffix="")


def _initial(applicant: SandboxApplicant) -> dict[str, Any]:
    if applicant.is_company:
        company = applicant.company
        return {
            "name": company.get("companyName"),
            "registration_number": company.get("registrationNumber"),
            "country": company.get("country"),
            "address": company.get("legalAddress"),
        }
    stated = applicant.stated
    addresses = stated.get("addresses") or [{}]
    documents = applicant.found.get("idDocs") or [{}]
    return {
        "first_name": stated.get("firstName"),
        "last_name": stated.get("lastName"),
        "birth_date": stated.get("dob"),
        "nationality": stated.get("nationality"),
        "address": addresses[0].get("formattedAddress"),
        "document_type": documents[0].get("idDocType"),
        "document_number": documents[0].get("number"),
        "document_valid_until": documents[0].get("validUntil"),
    }
