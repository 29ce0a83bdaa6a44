"""What staff fill in about the life of an individual."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from common.errors import DomainError
from common.reading.fields import NeededChoice, NeededField, ReasonField
from common.text import clean
from customers.registry.models import Customer, Profile
from customers.registry.profile.commands import MAX_TEXT, words_of
from customers.registry.profile.labels import answers_in_words
from customers.registry.profile.questions import QUESTIONS, Question, asked_of


class ProfileForm(forms.Form):
    """The present answers, why they change, and which version they were read from."""

    reason = ReasonField("Kept in the versions, e.g. “Told us at the counter”.")
    row_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(
        self, *args: Any, customer: Customer, profile: Profile | None, **kwargs: Any
    ) -> None:
        kwargs.setdefault("initial", values_of(profile))
        super().__init__(*args, **kwargs)
        self.questions = asked_of(customer)
        words = words_of(customer.tenant, *self.questions)
        stored = answers_in_words(customer, profile)
        for question in self.questions:
            self.fields[question.key] = _field(
                question,
                words.get(question.key, []),
                (str(getattr(profile, question.key, "")), stored[question.key]),
            )

    def refuse(self, error: DomainError) -> None:
        place = error.field if error.field in self.fields else None
        self.add_error(place, error.message)

    def answers(self) -> dict[str, str]:
        return {q.key: self.cleaned_data[q.key] for q in self.questions}

    def word_of(self, key: str, code: str) -> str:
        """An answer as the form shows it."""
        choices = dict(getattr(self.fields[key], "choices", ()))
        return str(choices.get(code, code))

    def clean_occupation(self) -> str:
        return " ".join(clean(self.cleaned_data["occupation"]).split())


def _field(
    question: Question, words: list[tuple[str, str]], stored: tuple[str, str]
) -> forms.Field:
    if question.is_text:
        return NeededField(
            label=question.label,
            required=False,
            max_length=MAX_TEXT,
            widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
            error_messages={
                "max_length": f"{question.label} is longer than {MAX_TEXT} characters."
            },
        )
    choices = [("", "–"), *words]
    if stored[0] and stored[0] not in dict(words):
        choices.append(stored)
    return NeededChoice(
        label=question.label,
        choices=choices,
        required=False,
        widget=UnfoldAdminSelectWidget,
        error_messages={
            "invalid_choice": "Choose one of the list; the other may be retired."
        },
    )


def values_of(profile: Any) -> dict[str, Any]:
    """The answers of a profile, or of one of its versions, by the form's names."""
    if profile is None:
        return {"row_version": 0}
    names = ("row_version", *(question.key for question in QUESTIONS))
    return {name: getattr(profile, name) for name in names}
