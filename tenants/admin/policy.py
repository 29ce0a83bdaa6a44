"""The policy of the own institution: one page, changed by one command."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from tenants.admin.forms import PolicyForm
from tenants.admin.versions import VersionedAdmin
from tenants.models import Tenant
from tenants.services import change_policy


@admin.register(Tenant)
class TenantAdmin(VersionedAdmin):
    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        tenant_id = getattr(request.user, "tenant_id", None)
        if not tenant_id:
            return Tenant.objects.none()
        return Tenant.objects.filter(pk=tenant_id)

    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        """There is one row to see, so go to it."""
        del extra_context
        tenant = getattr(request.user, "tenant", None)
        if tenant is None or not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(_url("change", tenant))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:  # fmt: skip
        del form_url, extra_context
        if not self.has_view_permission(request):
            raise PermissionDenied
        tenant = self.get_object_or_404(request, object_id)
        may_change = request.user.has_perm("tenants.change_policy")
        if request.method == "POST" and not may_change:
            raise PermissionDenied
        if not may_change:
            facts = list(self.facts_of(tenant.history.first()))
            return self._page(request, tenant, "face/record.html", facts=facts)
        # The form writes what was typed on its instance; the page shows what holds.
        typed = Tenant.objects.get(pk=tenant.pk)
        form = PolicyForm(request.POST or None, instance=typed)
        if request.method == "POST" and form.is_valid():
            reason = form.cleaned_data["reason"]
            change_policy(tenant.pk, by=request.user, reason=reason, **form.policy())  # type: ignore[arg-type]
            messages.success(request, "The policy is changed.")
            return HttpResponseRedirect(_url("change", tenant))
        return self._page(request, tenant, "face/form.html", form=form)

    def _page(
        self, request: HttpRequest, tenant: Tenant, template: str, **context: Any
    ) -> HttpResponse:
        shared = {
            **self.admin_site.each_context(request),
            "title": "Tenant policy",
            "note": f"What holds at {tenant.name}; a change holds from now on.",
            "links": [{"verb": "Versions", "url": _url("history", tenant)}],
        }
        return TemplateResponse(request, template, {**shared, **context})


def _url(page: str, tenant: Tenant) -> str:
    return reverse(f"admin:tenants_tenant_{page}", args=[tenant.pk])
