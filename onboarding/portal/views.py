"""The pages of the portal: sign in, choose a password, own state, sign out."""

from django.contrib.auth import (
    authenticate,
    login,
    logout,
    update_session_auth_hash,
)
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from onboarding.embedded import choose_password, portal_username
from onboarding.models import PortalAccess
from onboarding.portal.access import access_of, password_page, portal_page
from onboarding.portal.forms import PasswordForm, SignInForm
from onboarding.portal.pages import (
    account_lines,
    documents_asked,
    identity_label,
    own_facts,
)
from tenants.models import Tenant, User

TOO_MANY = 429


@sensitive_post_parameters("password")
@never_cache
def sign_in(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for login name and password; refusals never say which was wrong."""
    tenant = get_object_or_404(Tenant, slug=slug)
    if access_of(request.user, tenant):
        return redirect("portal:home", slug)
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name = portal_username(slug, form.cleaned_data["login_name"])
        user = authenticate(
            request, username=name, password=form.cleaned_data["password"]
        )
        if user and access_of(user, tenant):
            login(request, user)
            return redirect("portal:home", slug)
        if _is_locked_out(request):
            page = {"tenant": tenant}
            return render(request, "portal/locked_out.html", page, status=TOO_MANY)
        form.add_error(None, "This login name and password do not go together.")
    return render(request, "portal/sign_in.html", {"form": form, "tenant": tenant})


def _is_locked_out(request: HttpRequest) -> bool:
    """Whether axes closed the door; the answer is ours, not the one for staff."""
    is_locked = bool(getattr(request, "axes_locked_out", False))
    request.axes_locked_out = False  # type: ignore[attr-defined]
    return is_locked


@require_POST
@never_cache
def sign_out(request: HttpRequest, slug: str) -> HttpResponse:
    logout(request)
    return redirect("portal:login", slug)


@sensitive_post_parameters("current", "new", "again")
@password_page
def change_password(request: HttpRequest, access: PortalAccess) -> HttpResponse:
    """Choose a password; at the first sign-in there is no way around it."""
    user, is_first = access.user, access.must_change_password
    form = PasswordForm(user, is_first=is_first, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        if is_first or _is_own_password(request, user, form.cleaned_data["current"]):
            changed = choose_password(access.pk, form.cleaned_data["new"])
            update_session_auth_hash(request, changed)
            return redirect("portal:home", access.customer.tenant.slug)
        if _is_locked_out(request):
            logout(request)
            page = {"tenant": access.customer.tenant}
            return render(request, "portal/locked_out.html", page, status=TOO_MANY)
        form.add_error("current", "This is not your password.")
    tenant = access.customer.tenant
    shown = {"form": form, "tenant": tenant, "is_first": is_first}
    return render(request, "portal/password.html", shown)


def _is_own_password(request: HttpRequest, user: User, typed: str) -> bool:
    """Check through the same throttle as the sign-in."""
    found = authenticate(request, username=user.username, password=typed)
    return found is not None and found.pk == user.pk


@portal_page
def home(request: HttpRequest, access: PortalAccess) -> HttpResponse:
    customer = access.customer
    page = {
        "tenant": customer.tenant,
        "customer": customer,
        "identity": identity_label(customer),
        "accounts": account_lines(customer),
        "documents": documents_asked(customer),
        "facts": own_facts(customer),
    }
    return render(request, "portal/home.html", page)
