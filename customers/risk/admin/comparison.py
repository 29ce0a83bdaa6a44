"""The page *Risk history*: the assessments of one customer, side by side."""

from typing import Any
from uuid import UUID

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from common.dialogs import require
from common.face import moment
from customers.registry.choices import LIVING
from customers.registry.models import Customer
from customers.risk.admin.assessing import customer_or_404
from customers.risk.labels import answer_label, basis, rating_label, review_label
from customers.risk.models import Assessment
from customers.risk.panels import assess_url
from customers.risk.services import pack_of

SHOWN = 5  # columns that fit beside each other
TEMPLATE = "risk/comparison.html"


@require_safe
def comparison_page(
    request: HttpRequest, site: AdminSite, customer_id: UUID
) -> HttpResponse:
    """Show the newest first; what differs from the one before is marked."""
    require(request, "risk.view_assessment")
    customer = customer_or_404(request, customer_id)
    rows = Assessment.objects.for_user(request.user).filter(customer=customer)
    newest = rows.select_related("assessed_by").order_by("-assessed_at", "-id")
    assessments = list(newest[:SHOWN])
    request.crumb = "Risk history"  # type: ignore[attr-defined]
    context = {
        **site.each_context(request),
        "opts": Customer._meta,  # noqa: SLF001 - the crumbs lead through the customers
        "original": customer,
        "title": f"Risk history of {customer.name}",
        "columns": [_column(assessment) for assessment in assessments],
        "factors": _factors(customer, assessments),
        "more": max(rows.count() - SHOWN, 0),
        "assess_url": _assess_url(request, customer),
    }
    answer = TemplateResponse(request, TEMPLATE, context)
    patch_cache_control(answer, no_store=True, private=True)
    return answer


def _assess_url(request: HttpRequest, customer: Customer) -> str:
    may = request.user.has_perm("risk.assess_customer") and customer.status in LIVING
    return assess_url(customer) if may else ""


def _column(assessment: Assessment) -> dict[str, Any]:
    return {
        "at": moment(assessment.assessed_at),
        "by": str(assessment.assessed_by),
        "url": reverse("admin:risk_assessment_change", args=[assessment.pk]),
        "rating": rating_label(assessment.final),
        "basis": basis(assessment),
        "justification": assessment.justification,
        "review": review_label(assessment),
    }


def labels_of(customer: Customer) -> dict[str, str]:
    return {factor.key: factor.label for factor in pack_of(customer).risk}


def factor_words(key: str, labels: dict[str, str]) -> str:
    """The label of today's pack; a factor it no longer has is named by its key."""
    return labels.get(key) or key.replace("_", " ").capitalize()


def _factors(customer: Customer, assessments: list[Assessment]) -> list[dict[str, Any]]:
    labels = labels_of(customer)
    keys = dict.fromkeys([*labels, *(k for a in assessments for k in a.answers)])
    rows = []
    for key in keys:
        answers = [assessment.answers.get(key) for assessment in assessments]
        if any(answers):
            cells = [
                {
                    "at": moment(assessment.assessed_at),
                    "answer": answer_label(answer) if answer else "",
                }
                for assessment, answer in zip(assessments, answers, strict=True)
            ]
            changed = len(set(answers)) > 1
            rows.append(
                {"label": factor_words(key, labels), "cells": cells, "changed": changed}
            )
    return rows
