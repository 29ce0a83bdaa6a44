"""Nights of the data quality job, held against what the rules say by themselves."""

from dataclasses import replace
from datetime import date
from typing import Any

from customers.quality.checking import hits_of
from customers.quality.models import Finding
from customers.quality.rules.board import Scope
from customers.quality.services import NIGHTLY
from customers.registry.models import Customer
from events.nightly import run_nightly
from tenants.models import Tenant
from tenants.packs.loader import Pack, load_packs

DAY = date(2026, 11, 21)


def read(tenant: Tenant, day: date) -> int:
    """How many files the night of that day had to open."""
    figures = run_nightly(NIGHTLY, tenant, counted_on=day).figures
    return int(figures["read"])


def said_on(tenant: Tenant, day: date) -> dict[tuple[Any, ...], str]:
    """What the rules say of everybody, and the marks, by nothing remembered."""
    ids = list(Customer.objects.for_tenant(tenant.pk).values_list("pk", flat=True))
    hits = hits_of(Scope(tenant, day, ids=ids))
    return {(*key, hit.detail): hit.mark for key, hit in hits.items()}


def open_keys(tenant: Tenant) -> set[tuple[Any, ...]]:
    rows = Finding.objects.for_tenant(tenant.pk).open()
    return set(rows.values_list("customer_id", "rule", "subject", "detail"))


def hold_against_the_rules(tenant: Tenant, day: date) -> None:
    said = said_on(tenant, day)
    assert open_keys(tenant) == set(said)
    for row in Finding.objects.for_tenant(tenant.pk).accepted():
        key = (row.customer_id, row.rule, row.subject, row.detail)
        assert row.accepted_mark == said[key]


def next_packs() -> dict[str, Pack]:
    """Packs of a release that requires each answer of each form."""
    return {
        name: replace(
            pack,
            entity_types={
                key: replace(form, fields=tuple(
                    replace(field, required=field.key != "occupation")
                    for field in form.fields
                ))
                for key, form in pack.entity_types.items()
            },
        )
        for name, pack in load_packs().items()
    }  # fmt: skip
