"""Who may see which page of the portal: each customer their own, staff none."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache

from onboarding.models import PortalAccess
from tenants.models import Tenant, User

Page = Callable[[HttpRequest, PortalAccess], HttpResponse]
View = Callable[..., HttpResponse]


def access_of(user: object, tenant: Tenant) -> PortalAccess | None:
    """Return what the signed-in user may see here; None for staff and strangers."""
    if not isinstance(user, User) or user.kind != User.Kind.CUSTOMER:
        return None
    mine = PortalAccess.objects.for_tenant(tenant.pk).filter(user=user)
    access: PortalAccess | None = mine.select_related(
        "customer__tenant", "user"
    ).first()
    return access


def portal_page(page: Page) -> View:
    """Show the page to its customer; first of all the one-time password must go."""
    return _guarded(page, is_for_password=False)


def password_page(page: Page) -> View:
    """Show the page also while the one-time password stands."""
    return _guarded(page, is_for_password=True)


def _guarded(page: Page, *, is_for_password: bool) -> View:
    @never_cache
    @wraps(page)
    def view(request: HttpRequest, slug: str) -> HttpResponse:
        tenant = get_object_or_404(Tenant, slug=slug)
        access = access_of(request.user, tenant)
        if access is None:
            return redirect("portal:login", slug)
        if access.must_change_password and not is_for_password:
            return redirect("portal:password", slug)
        return page(request, access)

    return view
