"""API clients: programs that sign in at the identity provider, and what they may."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from api.admin.forms import ClientForm, NewClientForm
from api.models import ApiClient
from api.services import change_client, register_client
from common.errors import DomainError
from common.face import Label, label_html, two_lines
from tenants.admin import VersionedAdmin
from tenants.roles import role_label


@admin.register(ApiClient)
class ApiClientAdmin(VersionedAdmin):
    list_display = ("client", "roles_held", "access")
    list_filter = ("is_active",)
    search_fields = ("name", "client_id")
    search_help_text = "Name or client id"
    ordering = ("name", "id")
    sortable_by = ()
    empty_value_display = "\N{EN DASH}"
    empty_fact = "No API clients."
    empty_advice = "Register a program that signs in at the identity provider."
    add_verb = "Register"

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return request.user.has_perm("api.add_apiclient")

    @admin.display(description="Client")
    def client(self, row: ApiClient) -> SafeString:
        return two_lines(row.name, row.client_id)

    @admin.display(description="Roles")
    def roles_held(self, row: ApiClient) -> str:
        return ", ".join(role_label(role) for role in row.roles)

    @admin.display(description="Access")
    def access(self, row: ApiClient) -> SafeString:
        may = Label("May call", "good") if row.is_active else Label("Barred", "ended")
        return label_html(may)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        del form_url, extra_context
        user: Any = request.user
        if user.tenant is None or not self.has_add_permission(request):
            raise PermissionDenied
        form = NewClientForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                client = register_client(
                    tenant=user.tenant, by=user, **form.cleaned_data
                )
            except DomainError as error:
                form.add_error(error.field or "roles", error.message)
            else:
                messages.success(request, f"{client} may call the API.")
                return HttpResponseRedirect(_list_url())
        title = "Register API client"
        note = "Its secret stays at the identity provider; nothing of it is kept here."
        return self._page(
            request, None, form, title=title, crumb=title, submit="Register", note=note
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:  # fmt: skip
        del form_url, extra_context
        if not request.user.has_perm("api.change_apiclient"):
            raise PermissionDenied
        row = self.get_object_or_404(request, object_id)
        present = {"name": row.name, "roles": row.roles, "is_active": row.is_active}
        form = ClientForm(request.POST or None, initial=present)
        if request.method == "POST" and form.is_valid():
            try:
                change_client(row.pk, by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
            except DomainError as error:
                form.add_error(error.field or "roles", error.message)
            else:
                messages.success(request, f"{form.cleaned_data['name']} is saved.")
                return HttpResponseRedirect(_list_url())
        return self._page(
            request, row, form,
            title=str(row),
            note=f"Signs in at the identity provider as {row.client_id}.",
            links=[{"verb": "Versions", "url": self._versions_url(row)}],
        )  # fmt: skip

    def _page(
        self, request: HttpRequest, row: ApiClient | None, form: Any, *,
        crumb: str = "", **context: Any,
    ) -> HttpResponse:  # fmt: skip
        request.crumb = crumb  # type: ignore[attr-defined]
        shared = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "form": form,
            "back_url": _list_url(),
        }
        return TemplateResponse(request, "face/form.html", {**shared, **context})


def _list_url() -> str:
    return reverse("admin:api_apiclient_changelist")
