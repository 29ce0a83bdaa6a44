"""The lists of tiers and channels, and the page on which each is changed."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from common.face import two_lines
from common.lists.columns import Cells
from common.money import quantize
from customers.tiers.admin.forms import ChannelRuleForm, TierForm
from customers.tiers.admin.what_if import what_if_context
from customers.tiers.ladder import needs_words
from customers.tiers.models import ChannelRule, Tier
from customers.tiers.panels import limit_words, wanted_by
from customers.tiers.services import (
    change_channel_rule,
    change_tier,
    channel_rules_of,
    tiers_of,
)
from tenants.admin import VersionedAdmin

FORESEE = "tiers.foresee_tiers"
FILLED_IN = "What was tried out is filled in and not saved yet."


class SettingsAdmin(VersionedAdmin):
    """A few rows every institution has: all may read, administrators change."""

    change_list_template = "tiers/list.html"
    export_permission = "exports.request_export"
    sortable_by = ()
    empty_value_display = "\N{EN DASH}"
    form_class: ClassVar[type[Any]]
    rows_of: ClassVar[Callable[[Any], Any]]
    command: ClassVar[Callable[..., Any]]
    # What “What if” may fill in; the administrator still says why and saves.
    foreseen: ClassVar[tuple[str, ...]] = ()

    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        """See to it that the institution has its rows, then list them."""
        tenant = getattr(request.user, "tenant", None)
        if tenant is not None and self.has_view_permission(request):
            type(self).rows_of(tenant)
        may_ask = bool(self.foreseen) and request.user.has_perm(FORESEE)
        url = reverse("admin:tiers_tier_what_if") if may_ask else ""
        answer: HttpResponse = super().changelist_view(
            request, {"what_if_url": url, **(extra_context or {})}
        )
        return answer

    def get_urls(self) -> list[URLPattern]:
        edit = path(
            "<uuid:row_id>/edit/",
            self.admin_site.admin_view(self.edit_view),
            name=f"{self.opts.app_label}_{self.opts.model_name}_edit",
        )
        return [edit, *super().get_urls()]

    def show(self, request: HttpRequest, row: Any) -> HttpResponse:
        """Show what holds; the form has an address of its own."""
        edit = {"verb": "Edit", "url": self._url("edit", row)}
        return self._page(
            request, row, "face/record.html",
            facts=list(self.facts_of(row.history.first())),
            deeds=[edit] if self._may_edit(request) else [],
        )  # fmt: skip

    def edit_view(self, request: HttpRequest, row_id: UUID) -> HttpResponse:
        """Take the new values and the reason; one command saves them."""
        if not self._may_edit(request):
            raise PermissionDenied
        row = self.get_object_or_404(request, str(row_id))
        # The form writes what was typed on its instance; the page shows what holds.
        typed = self.get_object_or_404(request, str(row_id))
        given = {key: request.GET[key] for key in self.foreseen if key in request.GET}
        form = self.form_class(request.POST or None, instance=typed, initial=given)
        if request.method == "POST" and form.is_valid() and self._saved(request, form):
            messages.success(request, f"{typed} is changed.")
            return HttpResponseRedirect(self._url("change", row))
        return self._page(
            request, row, "face/form.html", form=form,
            note=f"{self.note_of(row)} {FILLED_IN if given else ''}",
            back_url=self._url("change", row),
        )  # fmt: skip

    def _may_edit(self, request: HttpRequest) -> bool:
        opts = self.opts
        return request.user.has_perm(f"{opts.app_label}.change_{opts.model_name}")

    def _saved(self, request: HttpRequest, form: Any) -> bool:
        """Call the one command; what it refuses stands in the form."""
        try:
            type(self).command(
                form.instance.pk, by=request.user, reason=form.cleaned_data["reason"],
                **form.values(),
            )  # fmt: skip
        except ValidationError as error:
            form.add_error(None, error.messages)
            return False
        return True

    def _page(
        self, request: HttpRequest, row: Any, template: str, **context: Any
    ) -> HttpResponse:
        links = [{"verb": "Versions", "url": self._versions_url(row)}]
        return self.record(request, row, template=template, links=links, **context)

    def _url(self, page: str, row: Any) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}"
        return reverse(name, args=[row.pk])

    def note_of(self, row: Any) -> str:
        raise NotImplementedError


def _limit(name: str) -> Callable[[Tier], Any]:
    """Without the digits that the tenant's currency has not; None for no limit."""

    def way(row: Tier) -> Any:
        limit = getattr(row, name)
        return None if limit is None else quantize(limit, row.tenant.currency)

    return way


def contact_words(rule: ChannelRule) -> str:
    return ", ".join(str(kind.label) for kind in wanted_by(rule))


@admin.register(Tier)
class TierAdmin(SettingsAdmin):
    list_display = ("tier", "balance", "transaction", "may_use")
    export_cells: ClassVar[Cells] = {
        "tier": (("Tier", str), ("Needs", "needs")),
        "balance": (("Maximum balance", _limit("max_balance")),
                    ("Currency", "tenant.currency")),
        "transaction": (("Largest transaction", _limit("max_transaction")),
                        ("Currency", "tenant.currency")),
        "may_use": (("Access", "access"), ("Features", "features")),
    }  # fmt: skip
    list_select_related = ("tenant",)
    ordering = ("number",)
    form_class = TierForm
    rows_of = tiers_of
    command = change_tier
    foreseen = ("max_balance", "max_transaction")

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.what_if_view)
        return [path("what-if/", page, name="tiers_tier_what_if"), *super().get_urls()]

    def what_if_view(self, request: HttpRequest) -> HttpResponse:
        """Show who would be over; a link leads to the form that changes it."""
        tenant = getattr(request.user, "tenant", None)
        if tenant is None or not request.user.has_perm(FORESEE):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        request.crumb = "What if"  # type: ignore[attr-defined]
        context = {
            **self.admin_site.each_context(request),
            **what_if_context(request, tenant),
            "opts": self.opts,
        }
        return TemplateResponse(request, "tiers/what_if.html", context)

    @admin.display(description="Tier")
    def tier(self, row: Tier) -> SafeString:
        return two_lines(str(row), row.needs)

    @admin.display(description="Maximum balance")
    def balance(self, row: Tier) -> str:
        return limit_words(row.max_balance, row.tenant.currency)

    @admin.display(description="Largest transaction")
    def transaction(self, row: Tier) -> str:
        return limit_words(row.max_transaction, row.tenant.currency)

    @admin.display(description="Access")
    def may_use(self, row: Tier) -> SafeString:
        return two_lines(row.access, row.features)

    def facts_of(self, version: Any) -> Iterator[tuple[str, str]]:
        """Limits as money; what a tier needs stands in no column."""
        limits = {"Maximum balance": "max_balance",
                  "Largest transaction": "max_transaction"}  # fmt: skip
        for name, words in super().facts_of(version):
            if name in limits:
                limit = getattr(version, limits[name])
                yield name, limit_words(limit, version.tenant.currency)
            else:
                yield name, words
            if name == "Name":
                yield "Needs", needs_words(version.number)

    def note_of(self, row: Tier) -> str:
        return f"Needs: {row.needs}. A change holds from the next posting on."


@admin.register(ChannelRule)
class ChannelRuleAdmin(SettingsAdmin):
    list_display = ("name", "term", "contacts")
    export_cells: ClassVar[Cells] = {
        "name": (("Channel", "get_channel_display"),),
        "term": (("KYC within days", "kyc_within_days"),),
        "contacts": (("Contacts", contact_words),),
    }
    ordering = ("channel",)
    form_class = ChannelRuleForm
    rows_of = channel_rules_of
    command = change_channel_rule
    foreseen = ("kyc_within_days",)

    @admin.display(description="Channel")
    def name(self, row: ChannelRule) -> str:
        return str(row)

    @admin.display(description="KYC")
    def term(self, row: ChannelRule) -> str:
        days = row.kyc_within_days
        return (
            f"within {days} d of registration" if days else "on the day of registration"
        )

    @admin.display(description="Contacts")
    def contacts(self, row: ChannelRule) -> str:
        return contact_words(row)

    def note_of(self, row: ChannelRule) -> str:
        return f"What {row} asks of customers who register there."
