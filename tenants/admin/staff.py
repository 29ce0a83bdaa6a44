"""Staff: who may sign in, with which roles. Administrators only, own institution."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from common.errors import DomainError
from common.face import Label, day, label_html, two_lines
from tenants.admin.forms import NewStaffForm, StaffForm
from tenants.admin.versions import VersionedAdmin
from tenants.models import User
from tenants.services import change_staff, register_staff

# Roles are a table in code and the same at every institution: no page changes them.
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(VersionedAdmin):
    list_display = ("person", "roles_held", "access", "last_seen")
    list_filter = ("is_active",)
    search_fields = ("name", "email")
    search_help_text = "Name or e-mail"
    ordering = ("name", "username")
    sortable_by = ()
    empty_value_display = "\N{EN DASH}"
    add_verb = "Add"

    # --- permissions -----------------------------------------------------------
    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return request.user.has_perm("tenants.add_user")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Staff of the own institution: no customers, no machines, no operators."""
        tenant_id = getattr(request.user, "tenant_id", None)
        if tenant_id is None:
            return User.objects.none()
        staff = User.objects.filter(tenant_id=tenant_id, kind=User.Kind.STAFF)
        return self.in_order(request, staff)

    # --- the list --------------------------------------------------------------
    @admin.display(description="Staff member")
    def person(self, row: User) -> SafeString:
        return two_lines(row.name or row.username, row.email)

    @admin.display(description="Roles")
    def roles_held(self, row: User) -> str:
        return row.role_names

    @admin.display(description="Access")
    def access(self, row: User) -> SafeString:
        return label_html(access_label(row))

    @admin.display(description="Last signed in")
    def last_seen(self, row: User) -> str | None:
        return day(row.last_login) if row.last_login else None

    # --- add and change ----------------------------------------------------------
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        del form_url, extra_context
        tenant = getattr(request.user, "tenant", None)
        if tenant is None or not self.has_add_permission(request):
            raise PermissionDenied
        form = NewStaffForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            said = form.cleaned_data
            try:
                user = register_staff(
                    tenant=tenant, email=said["email"], name=said["name"],
                    roles=said["roles"], by=request.user,  # type: ignore[arg-type]
                    password=said["password"] or None,
                )  # fmt: skip
            except DomainError as error:
                form.add_error(error.field or "roles", error.message)
            else:
                messages.success(request, f"{user} may sign in as {user.email}.")
                return HttpResponseRedirect(_list_url())
        title = "Add staff member"
        return self._page(request, None, form, title=title, crumb=title, submit="Add")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:  # fmt: skip
        del form_url, extra_context
        if not request.user.has_perm("tenants.change_user"):
            raise PermissionDenied
        user = self.get_object_or_404(request, object_id)
        present = {"name": user.name, "roles": user.roles, "is_active": user.is_active}
        form = StaffForm(request.POST or None, initial=present)
        if request.method == "POST" and form.is_valid():
            try:
                change_staff(user.pk, by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
            except DomainError as error:
                form.add_error("roles", error.message)
            else:
                messages.success(request, f"{form.cleaned_data['name']} is saved.")
                return HttpResponseRedirect(_list_url())
        is_self = user.pk == request.user.pk
        note = "This is you: nobody changes their own roles or bars themselves."
        return self._page(
            request, user, form,
            title=str(user),
            note=note if is_self else f"Signs in as {user.username}.",
            links=[{"verb": "Versions", "url": _versions_url(user)}],
        )  # fmt: skip

    def _page(
        self, request: HttpRequest, user: User | None, form: Any, *, crumb: str = "",
        **context: Any,
    ) -> HttpResponse:  # fmt: skip
        request.crumb = crumb  # type: ignore[attr-defined]
        shared = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": user,
            "form": form,
            "back_url": _list_url(),
        }
        return TemplateResponse(request, "face/form.html", {**shared, **context})


def access_label(user: User) -> Label:
    if user.is_active:
        return Label("May sign in", "good")
    return Label("Barred", "ended")


def _list_url() -> str:
    return reverse("admin:tenants_user_changelist")


def _versions_url(user: User) -> str:
    return reverse("admin:tenants_user_history", args=[user.pk])
