"""Countries that the institution rates otherwise than the index."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget

from common.dialogs import Dialog, go_to, show
from common.errors import DomainError
from common.face import Label, label_html
from common.lists.columns import Cells
from common.reading.countries import COUNTRIES, country_name
from common.reading.fields import ReasonField
from customers.registry.choices import Risk
from customers.risk.index import SOURCE, rating_of, scores
from customers.risk.labels import rating_label
from customers.risk.models import CountryRisk
from customers.risk.services import rate_country
from tenants.admin import VersionedAdmin

BY_INDEX = ("index", "By the index")


class RateForm(BaseDialogForm):  # type: ignore[misc]
    country = forms.ChoiceField(
        choices=[("", "–"), *COUNTRIES.items()],
        widget=UnfoldAdminSelectWidget,
        error_messages={"required": "Choose a country."},
    )
    rating = forms.ChoiceField(
        choices=[("", "–"), *Risk.choices, BY_INDEX],
        widget=UnfoldAdminSelectWidget,
        error_messages={"required": "Choose a rating."},
    )
    reason = ReasonField("Kept in the versions, with your name.", is_long=True)

    def clean_rating(self) -> str:
        rating: str = self.cleaned_data["rating"]
        return "" if rating == BY_INDEX[0] else rating


RATE = Dialog(
    title="Rate a country",
    description="New assessments use it. Customers keep their rating until they are"
    " assessed again.",
    submit="Rate",
    form_class=RateForm,
)


@admin.register(CountryRisk)
class CountryRiskAdmin(VersionedAdmin):
    list_display = ("name", "rated", "by_index")
    export_permission = "exports.request_export"
    export_cells: ClassVar[Cells] = {
        "name": (("Country", str), ("Code", "country")),
        "rated": (("Rating", "get_rating_display"),),
        "by_index": ((SOURCE, lambda row: scores().get(row.country)),),
    }
    ordering = ("country",)
    sortable_by = ()
    empty_fact = "No country is rated by hand."
    empty_advice = f"All follow the {SOURCE}, as far as it is shipped."
    actions_list = ("rate",)
    fields = readonly_fields = ("name", "rated", "by_index")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("tenant")

    def has_rate_permission(self, request: HttpRequest, *_: Any) -> bool:
        return request.user.has_perm("risk.rate_country")

    @admin.display(description="Country")
    def name(self, row: CountryRisk) -> str:
        return str(row)

    @admin.display(description="Rating")
    def rated(self, row: CountryRisk) -> SafeString:
        if not row.rating:
            return label_html(Label("By the index", "quiet"))
        return label_html(rating_label(row.rating))

    @admin.display(description=SOURCE)
    def by_index(self, row: CountryRisk) -> str | None:
        score = scores().get(row.country)
        return None if score is None else f"{score}, {rating_of(score).label.lower()}"

    @action(  # type: ignore[untyped-decorator]
        description=RATE.title,
        permissions=["rate"],
        variant=ActionVariant.PRIMARY,
        dialog={
            "title": RATE.title,
            "description": RATE.description,
            "form_class": RATE.form_class,
            "form_submit_text": RATE.submit,
        },
    )
    def rate(self, request: HttpRequest, form: RateForm) -> HttpResponse:
        by: Any = request.user
        said = form.cleaned_data
        try:
            rate_country(
                by.tenant, country=said["country"], rating=said["rating"],
                reason=said["reason"], by=by,
            )  # fmt: skip
        except DomainError as error:
            form.add_error(error.field or None, error.message)
            return show(request, RATE, form)
        messages.success(request, f"{country_name(said['country'])} is rated.")
        return go_to(request, reverse("admin:risk_countryrisk_changelist"))
