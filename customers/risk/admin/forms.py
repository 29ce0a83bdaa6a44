"""What compliance fills in about risk; the factors are those of the pack."""

from typing import Any
from uuid import UUID

from django import forms
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from common.errors import DomainError
from common.keys import new_id
from customers.registry.choices import Risk
from customers.risk.choices import Answer
from customers.risk.services import MAX_JUSTIFICATION, Checklist
from tenants.packs.loader import Pack, RiskFactor

RATINGS = [("", "–"), *Risk.choices]
TOO_LONG = f"Say it in at most {MAX_JUSTIFICATION:,} characters."


def field_name(key: str) -> str:
    """A factor's field; none can be called as one of the form's own."""
    return f"factor_{key}"


def _factor_field(factor: RiskFactor) -> forms.ChoiceField:
    words = {answer.value: str(answer.label) for answer in Answer}
    return forms.ChoiceField(
        label=factor.label,
        help_text=factor.help,
        choices=[(rating, words[rating]) for rating in factor.ratings],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose a rating.",
            "invalid_choice": "Choose a rating of the list.",
        },
    )


class ChecklistForm(forms.Form):
    """`assessment_id` is made with the form, so a second press makes no second one."""

    assessment_id = forms.UUIDField(widget=forms.HiddenInput, initial=new_id)
    pack_version = forms.IntegerField(widget=forms.HiddenInput)
    country_justification = forms.CharField(
        label="Why the country may be low",
        required=False,
        max_length=MAX_JUSTIFICATION,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        error_messages={"max_length": TOO_LONG},
    )
    override = forms.ChoiceField(
        label="Override the rating",
        choices=RATINGS,
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text="Only when the factors do not say all; needs a justification.",
        error_messages={"invalid_choice": "Choose a rating of the list."},
    )
    justification = forms.CharField(
        required=False,
        max_length=MAX_JUSTIFICATION,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text="Kept with your name; the front line does not see it.",
        error_messages={"max_length": TOO_LONG},
    )

    def __init__(
        self, *args: Any, pack: Pack, unscored: str = "", **kwargs: Any
    ) -> None:
        """`unscored` names the countries that nobody rated; without, none is asked."""
        super().__init__(*args, **kwargs)
        self.pack = pack
        self.fields["pack_version"].initial = pack.version
        for factor in pack.risk:
            self.fields[field_name(factor.key)] = _factor_field(factor)
        if unscored:
            self.fields["country_justification"].help_text = (
                f"There is no score for {unscored}. Low and N/A need a justification,"
                " or a rating in the institution’s own list."
            )
        else:
            del self.fields["country_justification"]

    @property
    def why_low(self) -> str:
        return str(self.cleaned_data.get("country_justification") or "")

    @property
    def answers(self) -> dict[str, str]:
        return {f.key: self.cleaned_data[field_name(f.key)] for f in self.pack.risk}

    @property
    def checklist(self) -> Checklist:
        said = self.cleaned_data
        assessment_id: UUID = said["assessment_id"]
        return Checklist(
            id=assessment_id,
            answers=self.answers,
            country_justification=self.why_low,
            override=said["override"],
            justification=said["justification"],
            pack_version=said["pack_version"],
        )

    def clean(self) -> dict[str, Any]:
        override = self.cleaned_data.get("override")
        why = self.cleaned_data.get("justification")
        if override and not why and "justification" not in self.errors:
            message = "Say why the rating is not what the factors say."
            self.add_error("justification", message)
        if why and not override and "override" not in self.errors:
            self.add_error("override", "You wrote a justification; choose the rating.")
        return self.cleaned_data

    def refuse(self, error: DomainError) -> None:
        """Say a refusal at its field, or else above the form."""
        places = (error.field, field_name(error.field))
        found = next((place for place in places if place in self.fields), None)
        self.add_error(found, error.message)


class OverrideForm(BaseDialogForm):  # type: ignore[misc]
    override = forms.ChoiceField(
        label="Rating",
        choices=RATINGS,
        widget=UnfoldAdminSelectWidget,
        error_messages={"required": "Choose a rating."},
    )
    justification = forms.CharField(
        max_length=MAX_JUSTIFICATION,
        widget=UnfoldAdminTextareaWidget(),
        help_text="Kept with your name; the front line does not see it.",
        error_messages={
            "required": "Say why the rating is not what the factors say.",
            "max_length": TOO_LONG,
        },
    )
