"""API tokens: everybody their own, administrators all of the institution."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from api.admin.forms import TokenForm
from api.callers.tokens import START, create_token, revoke_token
from api.models import ApiToken
from api.names import SCOPES
from common.admin import HouseAdmin
from common.dialogs import Dialog, ask
from common.errors import DomainError
from common.face import Label, day, label_html, moment, two_lines, when

REVOKE = Dialog(
    title="Revoke this token?",
    submit="Revoke",
    description="Whatever uses it is refused at once. It cannot be undone.",
    variant="danger",
)


class StandingFilter(admin.SimpleListFilter):
    title = "standing"
    parameter_name = "state"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        del request, model_admin
        return [("alive", "Alive"), ("revoked", "Revoked"), ("expired", "Expired")]

    def queryset(self, request: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
        del request
        today = timezone.now().date()
        match self.value():
            case "alive":
                return rows.filter(revoked_at=None, expires_on__gte=today)
            case "revoked":
                return rows.filter(revoked_at__isnull=False)
            case "expired":
                return rows.filter(revoked_at=None, expires_on__lt=today)
        return rows


@admin.register(ApiToken)
class ApiTokenAdmin(HouseAdmin):
    has_versions = False  # a token never changes; who ended it stands on its page
    list_display = ("token", "owner", "standing", "used", "ends")
    list_select_related = ("user",)
    list_filter = (StandingFilter,)
    search_fields = ("name", "prefix", "user__name", "user__username")
    search_help_text = "Name, beginning or owner"
    ordering = ("-id",)
    sortable_by = ()
    empty_value_display = "\N{EN DASH}"
    empty_fact = "No API tokens."
    empty_advice = "Make one for a program that acts for you."
    add_verb = "New"

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return request.user.has_perm("api.create_token")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if request.user.has_perm("api.manage_tokens"):
            return rows
        return rows.filter(user_id=request.user.pk)

    def get_object_or_404(self, request: HttpRequest, object_id: str) -> Any:
        """A colleague's is refused; another institution's is not there."""
        try:
            return super().get_object_or_404(request, object_id)
        except Http404:
            rows = ApiToken.objects.for_user(request.user)
            if rows.filter(pk=_uuid(object_id)).exists():
                raise PermissionDenied from None
            raise

    def get_urls(self) -> list[URLPattern]:
        revoke = path(
            "<uuid:token_id>/revoke/",
            self.admin_site.admin_view(self.revoke_view),
            name="api_apitoken_revoke",
        )
        return [revoke, *super().get_urls()]

    # --- the list --------------------------------------------------------------
    @admin.display(description="Token")
    def token(self, row: ApiToken) -> SafeString:
        return two_lines(row.name, f"{START}_{row.prefix}_…")

    @admin.display(description="Owner")
    def owner(self, row: ApiToken) -> str:
        return str(row.user)

    @admin.display(description="Standing")
    def standing(self, row: ApiToken) -> SafeString:
        return label_html(standing_of(row))

    @admin.display(description="Last used")
    def used(self, row: ApiToken) -> str | None:
        return when(row.last_used_at) if row.last_used_at else None

    @admin.display(description="Expires")
    def ends(self, row: ApiToken) -> str:
        return day(row.expires_on)

    # --- pages -----------------------------------------------------------------
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Ask what it is for; then show the token, this once."""
        del form_url, extra_context
        user: Any = request.user
        if user.tenant_id is None or not self.has_add_permission(request):
            raise PermissionDenied
        form = TokenForm(request.POST or None, user=user)
        if request.method == "POST" and form.is_valid():
            try:
                token, secret = create_token(by=user, **form.cleaned_data)
            except DomainError as error:
                field = error.field if error.field in form.fields else None
                form.add_error(field, error.message)
            else:
                return self._shown_once(request, token, secret)
        request.crumb = "New API token"  # type: ignore[attr-defined]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "New API token",
            "form": form,
            "submit": "Make token",
            "back_url": _list_url(),
        }
        return TemplateResponse(request, "face/form.html", context)

    def _shown_once(
        self, request: HttpRequest, token: ApiToken, secret: str
    ) -> HttpResponse:
        request.crumb = "New API token"  # type: ignore[attr-defined]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "New API token",
            "token": token,
            "secret": secret,
            "done_url": _list_url(),
        }
        # No page of staff is kept by the browser: the way back does not show it again.
        return TemplateResponse(request, "api/new_token.html", context)

    def show(self, request: HttpRequest, row: ApiToken) -> HttpResponse:
        revoke = {
            "verb": "Revoke",
            "url": reverse("admin:api_apitoken_revoke", args=[row.pk]),
            "is_dialog": True,
        }
        deeds = [revoke] if row.revoked_at is None else []
        return self.record(request, row, facts=_facts(row), deeds=deeds)

    def revoke_view(self, request: HttpRequest, token_id: UUID) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object_or_404(request, str(token_id))

        def act(_form: Any) -> str:
            revoke_token(row.pk, by=request.user)  # type: ignore[arg-type]
            return _list_url()

        return ask(
            request, REVOKE, object_id=row.pk, act=act, done=f"{row} is revoked."
        )


def standing_of(token: ApiToken) -> Label:
    if token.revoked_at:
        return Label("Revoked", "ended")
    if not token.is_alive(timezone.now()):
        return Label("Expired", "ended")
    if not token.user.is_active:
        return Label("Owner barred", "stop")
    return Label("Alive", "good")


def _facts(token: ApiToken) -> list[tuple[str, str]]:
    revoked = ""
    if token.revoked_at:
        revoked = f"{moment(token.revoked_at)}, by {token.revoked_by}"
    return [
        ("Begins with", f"{START}_{token.prefix}_"),
        ("Owner", str(token.user)),
        ("Standing", standing_of(token).word),
        ("May", ", ".join(SCOPES.get(code, code) for code in token.scopes)),
        ("Made", moment(token.created_at)),
        ("Expires", day(token.expires_on)),
        ("Last used", moment(token.last_used_at) if token.last_used_at else "never"),
        ("Revoked", revoked),
    ]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _list_url() -> str:
    return reverse("admin:api_apitoken_changelist")
