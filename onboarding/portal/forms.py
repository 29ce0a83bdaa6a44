"""The two forms of the portal: sign in, and choose a password."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from common.text import clean, normalize_phone
from tenants.models import User


class SignInForm(forms.Form):
    login_name = forms.CharField(
        label="E-mail or phone",
        max_length=254,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autofocus": True, "inputmode": "email"}
        ),
    )
    password = forms.CharField(
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean_login_name(self) -> str:
        """Read a phone as it was registered, however it is typed."""
        typed = clean(self.cleaned_data["login_name"])
        return typed.lower() if "@" in typed else normalize_phone(typed)


class PasswordForm(forms.Form):
    """A new password, typed twice; `current` only where one is of one's own choice."""

    current = forms.CharField(
        label="Current password",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label="New password",
        strip=False,
        max_length=200,
        help_text="At least 12 characters. A few words that you alone would put"
        " together are good.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="New password again",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, user: User, *, is_first: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.user = user
        if is_first:
            del self.fields["current"]

    def clean_new(self) -> str:
        new: str = self.cleaned_data["new"]
        validate_password(new, self.user)
        if self.user.check_password(new):
            raise forms.ValidationError("Choose another one than you have now.")
        return new

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data
        if "new" in typed and typed.get("again") not in (None, typed["new"]):
            self.add_error("again", "The two new passwords differ.")
        return typed
