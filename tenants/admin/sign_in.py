"""How staff sign in and change their own password, in Django's own views."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, reverse
from unfold.forms import AdminOwnPasswordChangeForm, AuthenticationForm


class SignInForm(AuthenticationForm):  # type: ignore[misc]
    """Staff sign in by e-mail, so the page asks for that."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "E-mail"


class OwnPasswordForm(AdminOwnPasswordChangeForm):  # type: ignore[misc]
    """Saves the password alone; a whole user needs an actor and a reason."""

    def save(self, commit: bool = True) -> Any:
        self.user.set_password(self.cleaned_data["new_password1"])
        if commit:
            self.user.save(update_fields=["password"])
        return self.user


def change_own_password(request: HttpRequest) -> HttpResponseBase:
    view = PasswordChangeView.as_view(
        form_class=OwnPasswordForm,
        success_url=reverse("admin:password_change_done"),
        extra_context=admin.site.each_context(request),
    )
    return view(request)


def _urls() -> list[URLPattern]:
    """Stands before Unfold's own page of this address, whose form saves as nobody."""
    view = admin.site.admin_view(change_own_password, cacheable=True)
    return [path("password_change/", view, name="password_change")]


admin.site.login_form = SignInForm
admin.site.extra_urls = _urls  # type: ignore[attr-defined]
