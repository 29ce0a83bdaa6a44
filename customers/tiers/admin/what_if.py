"""The page that asks what other limits and terms would do; looking saves nothing."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
)

from common.money import format_money, minor_digits, quantize
from customers.registry.models import Customer
from customers.tiers.admin.forms import LONGEST_TERM
from customers.tiers.models import Tier
from customers.tiers.panels import limit_words
from customers.tiers.services import channel_rules_of, tiers_of
from customers.tiers.what_if.counting import (
    BALANCE,
    TRANSACTION,
    WORST,
    Limit,
    Over,
    late,
    over,
    worst,
)
from tenants.models import Tenant

MOST = Decimal(10) ** 15  # what the column of a limit holds


class LimitField(forms.DecimalField):
    """Empty says something: there is no limit. So it is not called optional."""

    is_needed = True


class WhatIfForm(forms.Form):
    """Every limit and term, as it stands unless the address says otherwise."""

    def __init__(self, asked: dict[str, str], tenant: Tenant) -> None:
        self.tenant = tenant
        self.limits = [limit for limit in (BALANCE, TRANSACTION) if limit.sources]
        self.tiers, self.rules = tiers_of(tenant), channel_rules_of(tenant)
        fields = dict(self._fields())
        super().__init__({**self._standing(), **asked})
        self.fields.update(fields)

    def _fields(self) -> Iterator[tuple[str, forms.Field]]:
        digits = minor_digits(self.tenant.currency)
        for limit in self.limits:
            for number, tier in self.tiers.items():
                yield f"{limit.column}_{number}", _limit_field(str(tier), digits)
        for channel, rule in self.rules.items():
            yield f"days_{channel}", _days_field(str(rule))

    def _standing(self) -> dict[str, str]:
        digits = minor_digits(self.tenant.currency)
        found = {}
        for limit in self.limits:
            for number, most in limit.of(self.tenant).items():
                words = "" if most is None else f"{most:.{digits}f}"
                found[f"{limit.column}_{number}"] = words
        for channel, rule in self.rules.items():
            found[f"days_{channel}"] = str(rule.kyc_within_days)
        return found

    def limits_of(self, limit: Limit) -> dict[int, Decimal | None]:
        return {n: self.cleaned_data[f"{limit.column}_{n}"] for n in self.tiers}

    def days(self) -> dict[str, int]:
        return {channel: self.cleaned_data[f"days_{channel}"] for channel in self.rules}

    def groups(self) -> Iterator[dict[str, Any]]:
        """The fields as the page shows them: each under the head it shares."""
        for limit in self.limits:
            yield {
                "title": _title(limit),
                "note": f"In {self.tenant.currency}; empty is no limit.",
                "fields": [self[f"{limit.column}_{number}"] for number in self.tiers],
            }
        yield {
            "title": "KYC within days",
            "note": "0: on the day of registration.",
            "fields": [self[f"days_{channel}"] for channel in self.rules],
        }


def _limit_field(label: str, digits: int) -> forms.Field:
    many = f"{digits} digits" if digits else "no digits"
    return LimitField(
        label=label,
        required=False,
        decimal_places=digits,
        validators=[_above_zero],
        widget=UnfoldAdminDecimalFieldWidget({"autocomplete": "off"}),
        error_messages={"max_decimal_places": f"Give {many} behind the point."},
    )


def _above_zero(amount: Decimal) -> None:
    if not 0 < amount < MOST:
        raise forms.ValidationError(
            "Limits must be above 0; empty is no limit."
            if amount <= 0
            else f"A limit is less than {MOST:,}."
        )


def _days_field(label: str) -> forms.Field:
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=LONGEST_TERM,
        widget=UnfoldAdminIntegerFieldWidget({"autocomplete": "off"}),
        error_messages={
            "required": "Give the days.",
            "max_value": f"More than {LONGEST_TERM} days is a slip.",
            "min_value": "Days are 0 or more.",
        },
    )


def _title(limit: Limit) -> str:
    return str(Tier._meta.get_field(limit.column).verbose_name).capitalize()  # type: ignore[union-attr]  # noqa: SLF001 - Django's documented API


def what_if_context(request: HttpRequest, tenant: Tenant) -> dict[str, Any]:
    """What the page shows; the answer alone is missing while a value cannot be."""
    form = WhatIfForm(request.GET.dict(), tenant)
    context: dict[str, Any] = {
        "title": "What if",
        "form": form,
        "is_asked": bool(request.GET),
        "here": request.path,
    }
    if form.is_valid():
        context["answers"] = [_answer(request, form, limit) for limit in form.limits]
        context["terms"] = list(_terms(request, form))
        context["is_kyc_required"] = tenant.kyc_required
    return context


def _answer(request: HttpRequest, form: WhatIfForm, limit: Limit) -> dict[str, Any]:
    tenant, then = form.tenant, form.limits_of(limit)
    counts = over(tenant, limit, then)
    total = sum(count.then for count in counts.values())
    rows = [_tier_row(request, form, limit, n, counts.get(n, Over())) for n in then]
    return {
        "title": _title(limit),
        "sentence": _sentence(total, sum(count.now for count in counts.values())),
        "tiers": rows,
        "worst": {
            "title": f"Furthest over: {_title(limit).lower()}",
            "note": f"the first {WORST}" if total > WORST else "",
            "rows": _worst_rows(request, form, limit) if total else [],
            "empty_fact": "Who they are is shown to those who may see customers."
            if total
            else "Nobody would be over.",
        },
    }


def _sentence(then: int, now: int) -> str:
    who = "Nobody" if not then else f"{then:,} customer{'s' * (then != 1)}"
    return f"{who} would be over; {now or 'nobody':{',' if now else ''}} now."


def _tier_row(
    request: HttpRequest, form: WhatIfForm, limit: Limit, number: int, count: Over
) -> dict[str, Any]:
    tier, currency = form.tiers[number], form.tenant.currency
    now, then = getattr(tier, limit.column), form.limits_of(limit)[number]
    return {
        "name": str(tier),
        "was": limit_words(now, currency),
        "then": limit_words(then, currency),
        "is_changed": now != then,
        "count": count,
        "excess": format_money(count.excess, currency) if count.then else "",
        "edit_url": _edit(
            request, "tier", tier, now != then, {limit.column: _plain(then, currency)}
        ),
    }


def _plain(amount: Decimal | None, currency: str) -> str:
    return "" if amount is None else str(quantize(amount, currency))


def _worst_rows(
    request: HttpRequest, form: WhatIfForm, limit: Limit
) -> list[dict[str, Any]]:
    """For those alone who may see customers: an administrator meets none (§1)."""
    if not request.user.has_perm("registry.view_customer"):
        return []
    currency = form.tenant.currency
    found = worst(form.tenant, limit, form.limits_of(limit))
    rows = Customer.objects.for_tenant(form.tenant.pk)
    known = rows.only("name", "public_id").in_bulk([row.customer_id for row in found])
    return [
        {
            "title": customer.name,
            "url": reverse("admin:registry_customer_change", args=[customer.pk]),
            "meta": f"{customer.public_id}, {form.tiers[row.tier]},"
            f" {format_money(row.amount, currency)}",
            "value": f"{format_money(row.excess, currency)} over",
        }
        for row in found
        if (customer := known.get(row.customer_id))
    ]


def _terms(request: HttpRequest, form: WhatIfForm) -> Iterator[dict[str, Any]]:
    days = form.days()
    for channel, now, then in late(form.tenant, days):
        rule = form.rules[channel]
        is_changed = days[channel] != rule.kyc_within_days
        yield {
            "name": str(rule),
            "was": rule.kyc_within_days,
            "days": days[channel],
            "is_changed": is_changed,
            "now": now,
            "then": then,
            "edit_url": _edit(
                request, "channelrule", rule, is_changed,
                {"kyc_within_days": days[channel]},
            ),
        }  # fmt: skip


def _edit(
    request: HttpRequest, model: str, row: Any, is_changed: bool, values: dict[str, Any]
) -> str:
    """The form with the new values filled in; "" where there is nothing to change."""
    if not is_changed or not request.user.has_perm(f"tiers.change_{model}"):
        return ""
    place = reverse(f"admin:tiers_{model}_edit", args=[row.pk])
    return f"{place}?{urlencode(values)}"
