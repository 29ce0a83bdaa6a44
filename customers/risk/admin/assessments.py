"""The list of assessments, one assessment, and the dialog that overrides it."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from common.dialogs import Dialog, ask, require
from common.face import day, label_html, moment, two_lines
from common.lists.columns import Cells
from customers.registry.choices import LIVING
from customers.registry.search.listing import OF_CUSTOMER, AboutCustomers
from customers.risk.admin.assessing import assess_page
from customers.risk.admin.comparison import comparison_page, factor_words, labels_of
from customers.risk.admin.forms import OverrideForm
from customers.risk.countries import RatedCountry
from customers.risk.labels import answer_label, basis, rating_label, review_label
from customers.risk.models import Assessment
from customers.risk.services import override_assessment
from tenants.admin import VersionedAdmin


@admin.register(Assessment)
class AssessmentAdmin(AboutCustomers, VersionedAdmin):
    """Pages show; the checklist and the dialog change, one command each."""

    history_permission = "registry.view_history"
    list_display = ("of_customer", "rating", "review", "assessed")
    export_permission = "exports.request_export"
    export_cells: ClassVar[Cells] = {
        "of_customer": OF_CUSTOMER,
        "rating": (("Rating", "get_final_display"), ("Came", basis),
                   ("Diligence", "get_diligence_display")),
        "review": (("In force", "is_current"), ("Next review", "review_due_on")),
        "assessed": (("Assessed", "assessed_at"), ("Assessed by", "assessed_by")),
    }  # fmt: skip
    list_select_related = ("customer", "assessed_by")
    list_filter = ("final", "diligence", "is_current")
    ordering = ("-assessed_at", "-id")
    sortable_by = ()  # the newest first is what an index serves
    empty_value_display = "\N{EN DASH}"
    empty_fact = "No assessments yet."
    empty_advice = "Assess a customer on their page."

    # --- the list --------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        related = ("customer__tenant", "tenant", "assessed_by")
        return super().get_queryset(request).select_related(*related)

    @admin.display(description="Rating")
    def rating(self, row: Assessment) -> SafeString:
        return label_html(rating_label(row.final))

    @admin.display(description="Next review")
    def review(self, row: Assessment) -> SafeString:
        return label_html(review_label(row))

    @admin.display(description="Assessed")
    def assessed(self, row: Assessment) -> SafeString:
        return two_lines(str(row.assessed_by), day(row.assessed_at))

    # --- one assessment ----------------------------------------------------------
    def show(self, request: HttpRequest, row: Assessment) -> HttpResponse:
        compare = reverse("admin:risk_comparison", args=[row.customer_id])
        links = [
            {"verb": "History", "url": compare},
            {"verb": "Versions", "url": self._versions_url(row)},
        ]
        deeds = self._deeds(request, row)
        facts = self._facts(row)
        return self.record(request, row, facts=facts, links=links, deeds=deeds)

    def _facts(self, row: Assessment) -> list[tuple[str, Any]]:
        labels = labels_of(row.customer)
        return [
            ("Customer", self.customer_link(row)),
            ("Rating", label_html(rating_label(row.final))),
            ("Came", basis(row)),
            ("Justification", row.justification),
            ("Diligence", row.get_diligence_display()),
            ("Next review", label_html(review_label(row))),
            ("Assessed", f"{moment(row.assessed_at)}, {row.assessed_by}"),
            ("Checklist", f"{row.pack}, version {row.pack_version}"),
            ("Countries", _countries(row)),
            ("Justification of the country", row.country_justification),
            ("Routing", _routing(row)),
            *(
                (factor_words(key, labels), label_html(answer_label(answer)))
                for key, answer in row.answers.items()
            ),
        ]

    def facts_of(self, version: Any) -> Iterator[tuple[str, str]]:
        """Countries and routing as lines; the base would print them as programs do."""
        facts = super().facts_of(version)
        yield from (fact for fact in facts if fact[0] not in ("Countries", "Routing"))
        yield "Countries", _countries(version)
        yield "Routing", _routing(version)

    def _deeds(self, request: HttpRequest, row: Assessment) -> list[dict[str, Any]]:
        is_open = row.is_current and row.customer.status in LIVING
        if not is_open or not request.user.has_perm("risk.assess_customer"):
            return []
        url = reverse("admin:risk_assessment_override", args=[row.pk])
        return [{"verb": "Override", "url": url, "is_dialog": True}]

    # --- addresses ---------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        override = path(
            "<uuid:assessment_id>/override/",
            self.admin_site.admin_view(self.override),
            name="risk_assessment_override",
        )
        return [
            self._about_customer("assess", "risk_assess", assess_page),
            self._about_customer("compare", "risk_comparison", comparison_page),
            override,
            *super().get_urls(),
        ]

    def _about_customer(
        self, word: str, name: str, page: Callable[..., HttpResponse]
    ) -> URLPattern:
        view = self.admin_site.admin_view(partial(page, site=self.admin_site))
        found: URLPattern = path(f"of/<uuid:customer_id>/{word}/", view, name=name)
        return found

    def override(self, request: HttpRequest, assessment_id: UUID) -> HttpResponse:
        """Ask for the rating and why."""
        require(request, "risk.assess_customer")
        row = self.get_object_or_404(request, str(assessment_id))
        by: Any = request.user

        def act(form: Any) -> str:
            said = form.cleaned_data
            rating, why = said["override"], said["justification"]
            override_assessment(row.pk, rating=rating, justification=why, by=by)
            return reverse("admin:risk_assessment_change", args=[row.pk])

        dialog = Dialog(
            title=f"Override the risk of {row.customer.name}",
            description=f"The factors say {row.get_computed_display().lower()}. The"
            " rating sets how deep due diligence goes and when somebody looks again.",
            submit="Override",
            form_class=OverrideForm,
        )
        done = "The rating is overridden."
        return ask(request, dialog, object_id=row.pk, act=act, done=done)


def _countries(row: Any) -> str:
    return "; ".join(RatedCountry(**country).words for country in row.countries)


def _routing(row: Any) -> str:
    """What was told of the customer’s payments that day."""
    return "; ".join(f"{route['words']}. {route['help']}" for route in row.routes)
