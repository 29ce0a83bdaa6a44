"""What each segment asks for: all may read, administrators change."""

from collections.abc import Iterator
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from common.dialogs import require
from common.errors import DomainError
from common.lists.columns import Cells
from common.money import format_money, quantize
from customers.risk.admin.segment_form import SegmentRuleForm
from customers.risk.models import SegmentRule
from customers.risk.segments.rules import change_segment_rule, rules_of
from tenants.admin import VersionedAdmin

MAY_EDIT = "risk.change_segmentrule"


def _balance(row: SegmentRule) -> Any:
    return quantize(row.min_balance, row.tenant.currency)


@admin.register(SegmentRule)
class SegmentRuleAdmin(VersionedAdmin):
    """Two rows every institution has; a form of its own changes one."""

    list_display = ("name", "tier", "balance", "score")
    export_permission = "exports.request_export"
    export_cells: ClassVar[Cells] = {
        "name": (("Segment", "get_segment_display"),),
        "tier": (("Tier, at least", "min_tier"),),
        "balance": (("Balance, at least", _balance),
                    ("Currency", "tenant.currency")),
        "score": (("Engagement of 100, at least", "min_score"),),
    }  # fmt: skip
    list_select_related = ("tenant",)
    ordering = ("-min_tier", "-min_score", "segment")
    sortable_by = ()

    @admin.display(description="Segment")
    def name(self, row: SegmentRule) -> str:
        return str(row)

    @admin.display(description="Tier, at least")
    def tier(self, row: SegmentRule) -> int:
        return int(row.min_tier)

    @admin.display(description="Balance, at least")
    def balance(self, row: SegmentRule) -> str:
        return format_money(row.min_balance, row.tenant.currency)

    @admin.display(description="Engagement, at least")
    def score(self, row: SegmentRule) -> str:
        return f"{row.min_score} of 100"

    def facts_of(self, version: Any) -> Iterator[tuple[str, str]]:
        """The balance as money."""
        for name, words in super().facts_of(version):
            if name == "Balance, at least":
                currency = version.tenant.currency
                yield name, format_money(version.min_balance, currency)
            else:
                yield name, words

    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        """See to it that the institution has its rows, then list them."""
        tenant = getattr(request.user, "tenant", None)
        if tenant is not None and self.has_view_permission(request):
            rules_of(tenant)
        answer: HttpResponse = super().changelist_view(request, extra_context)
        return answer

    def get_urls(self) -> list[URLPattern]:
        edit = path(
            "<uuid:rule_id>/edit/",
            self.admin_site.admin_view(self.edit_view),
            name="risk_segmentrule_edit",
        )
        return [edit, *super().get_urls()]

    def show(self, request: HttpRequest, row: SegmentRule) -> HttpResponse:
        """Show what holds; the form has an address of its own."""
        edit = {"verb": "Edit", "url": _url("edit", row)}
        return self._page(
            request, row, "face/record.html",
            facts=list(self.facts_of(row.history.first())),
            deeds=[edit] if request.user.has_perm(MAY_EDIT) else [],
        )  # fmt: skip

    def edit_view(self, request: HttpRequest, rule_id: UUID) -> HttpResponse:
        """Take the new values and the reason; one command saves them."""
        require(request, MAY_EDIT)
        row = self.get_object_or_404(request, str(rule_id))
        # The form writes what was typed on its instance; the page shows what holds.
        typed = self.get_object_or_404(request, str(rule_id))
        form = SegmentRuleForm(request.POST or None, instance=typed)
        if request.method == "POST" and form.is_valid() and _saved(request, form):
            messages.success(request, f"{row} is changed.")
            return HttpResponseRedirect(_url("change", row))
        return self._page(
            request, row, "face/form.html", form=form, back_url=_url("change", row),
            note=f"A customer is {str(row).lower()} when all three hold, and basic when"
            " no segment’s do. Customers move with the next night.",
        )  # fmt: skip

    def _page(
        self, request: HttpRequest, row: SegmentRule, template: str, **context: Any
    ) -> HttpResponse:
        links = [{"verb": "Versions", "url": self._versions_url(row)}]
        return self.record(request, row, template=template, links=links, **context)


def _saved(request: HttpRequest, form: SegmentRuleForm) -> bool:
    """Call the one command; what it refuses of a field stands at that field."""
    by: Any = request.user
    reason = form.cleaned_data["reason"]
    try:
        change_segment_rule(form.instance.pk, by=by, reason=reason, **form.values())
    except DomainError as error:
        form.add_error(error.field or None, error.message)
    except ValidationError as error:
        form.add_error(None, error.messages)
    return not form.errors


def _url(page: str, row: SegmentRule) -> str:
    return reverse(f"admin:risk_segmentrule_{page}", args=[row.pk])
