"""The page *Assess risk*: the checklist, what the rules make of it, and keeping it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods

from common.dialogs import require
from common.errors import DomainError
from common.face import day
from customers.registry.choices import Risk
from customers.registry.models import Customer
from customers.risk.admin.forms import ChecklistForm, field_name
from customers.risk.choices import GROUP_LABELS
from customers.risk.countries import RatedCountry, rated_countries, unscored, worst
from customers.risk.index import RANGES, SOURCE
from customers.risk.known import known_of
from customers.risk.labels import answer_label, rating_label
from customers.risk.models import Assessment
from customers.risk.rating import diligence_of, review_due
from customers.risk.services import assess_customer, pack_of, work_out
from tenants.packs.loader import RISK_GROUPS, Pack

TEMPLATE = "risk/assess.html"


def customer_or_404(request: HttpRequest, customer_id: UUID) -> Customer:
    found = Customer.objects.for_user(request.user).select_related("tenant")
    customer: Customer | None = found.filter(pk=customer_id).first()
    if customer is None:
        raise Http404
    return customer


@require_http_methods(["GET", "POST"])
def assess_page(
    request: HttpRequest, site: AdminSite, customer_id: UUID
) -> HttpResponse:
    """Show the checklist; on POST work it out, or keep it when asked to."""
    require(request, "risk.assess_customer")
    customer = customer_or_404(request, customer_id)
    pack, countries = pack_of(customer), rated_countries(customer)
    is_posted = request.method == "POST"
    form = ChecklistForm(
        request.POST if is_posted else None,
        pack=pack,
        unscored=unscored(countries),
        initial=_prefilled(pack, countries),
    )
    result: dict[str, Any] = {}
    if is_posted and form.is_valid():
        if request.POST.get("do") == "record":
            if _recorded(request, customer, form):
                return HttpResponseRedirect(_customer_url(customer))
        else:
            result = _worked_out(customer, form)
    request.crumb = "Assess risk"  # type: ignore[attr-defined]
    context = {
        **site.each_context(request),
        **_context(customer, form, pack, countries),
        "known": known_of(customer, request.user),  # type: ignore[arg-type]
        "result": result,
    }
    answer = TemplateResponse(request, TEMPLATE, context)
    patch_cache_control(answer, no_store=True, private=True)
    return answer


def _prefilled(pack: Pack, countries: list[RatedCountry]) -> dict[str, str]:
    """What the index says; everything else is for a person to choose."""
    least = worst(countries)
    if least is None:
        return {}
    return {field_name(f.key): least.value for f in pack.risk if f.by_index}


def _recorded(request: HttpRequest, customer: Customer, form: ChecklistForm) -> bool:
    by: Any = request.user
    try:
        assessment = assess_customer(customer.pk, checklist=form.checklist, by=by)
    except DomainError as error:
        form.refuse(error)
        return False
    level = assessment.get_final_display().lower()
    until = day(assessment.review_due_on)
    said = f"The risk of {customer.name} is {level}; next review {until}."
    messages.success(request, said)
    return True


def _worked_out(customer: Customer, form: ChecklistForm) -> dict[str, Any]:
    """What keeping it would give; nothing is saved."""
    try:
        computed = work_out(customer, form.answers, form.why_low).computed
    except DomainError as error:
        form.refuse(error)
        return {}
    override = form.cleaned_data["override"]
    final = Risk(override or computed)
    return {
        "rating": rating_label(final),
        "computed": rating_label(computed) if final != computed else None,
        "diligence": diligence_of(final).label,
        "review_due_on": review_due(final, customer.tenant.today),
    }


def _customer_url(customer: Customer) -> str:
    return reverse("admin:registry_customer_change", args=[customer.pk])


def _context(
    customer: Customer, form: ChecklistForm, pack: Pack, countries: list[RatedCountry]
) -> dict[str, Any]:
    earlier = Assessment.objects.current().filter(customer=customer).first()
    return {
        "opts": Customer._meta,  # noqa: SLF001 - the crumbs lead through the customers
        "original": customer,
        "title": f"Assess risk of {customer.name}",
        "form": form,
        "groups": _groups(form, pack, earlier),
        "countries": _country_lines(countries),
        "routes": [route.help for route in pack.routes_of(customer.entity_type)],
        "back_url": _customer_url(customer),
    }


def _country_lines(countries: list[RatedCountry]) -> list[str]:
    lines = [country.words for country in countries]
    return [*lines, f"{SOURCE}: {RANGES}"] if lines else []


def _groups(
    form: ChecklistForm, pack: Pack, earlier: Assessment | None
) -> list[dict[str, Any]]:
    """The factors by group; beside each what was answered last time."""
    said = earlier.answers if earlier else {}
    return [
        {
            "key": group,
            "label": GROUP_LABELS[group],
            "justification": _justification(form, group),
            "factors": [
                {
                    "field": form[field_name(factor.key)],
                    "last": _last(said.get(factor.key)),
                }
                for factor in pack.risk
                if factor.group == group
            ],
        }
        for group in RISK_GROUPS
    ]


def _justification(form: ChecklistForm, group: str) -> Any:
    """The field beside the factor it is about; "" where it is not asked for."""
    name = "country_justification"
    return form[name] if group == "countries" and name in form.fields else ""


def _last(answer: str | None) -> str:
    return f"Last time: {answer_label(answer).word}" if answer else ""
