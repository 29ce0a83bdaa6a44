"""What many forms ask, in the same way: why, and what may wait but is needed."""

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget


class ReasonField(forms.CharField):
    """Why somebody does something, in at most `longest` characters.

    `is_long` gives the few words a larger box.
    """

    def __init__(
        self, help_text: str = "Kept in the versions.",
        *, longest: int = 200, is_long: bool = False,
    ) -> None:  # fmt: skip
        box = UnfoldAdminTextareaWidget() if is_long else UnfoldAdminTextInputWidget()
        box.attrs |= {} if is_long else {"autocomplete": "off"}
        super().__init__(
            label="Why",
            max_length=longest,
            widget=box,
            help_text=help_text,
            error_messages={
                "required": "Say why in a few words.",
                "max_length": f"Say it in at most {longest} characters.",
            },
        )


class NeededField(forms.CharField):
    """May stay empty now and then, but is not called optional on the page."""

    is_needed = True


class NeededChoice(forms.ChoiceField):
    """The same, of words to choose from."""

    is_needed = True
