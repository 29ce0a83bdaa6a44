"""A registration looked at before it is one: all that is wrong, missing or known."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from common.errors import DomainError
from common.keys import new_id
from common.reading.email_addresses import clean_email
from common.reading.phone_numbers import clean_phone
from common.text import clean, normalize_name
from customers.registry.choices import LIVING, Channel
from customers.registry.details import clean_answer, clean_details
from customers.registry.dictionaries.entries import clean_category
from customers.registry.models import Customer
from customers.registry.profile.completeness import Completeness, completeness
from customers.registry.registration import (
    Registration,
    channel_gaps,
    clean_identity,
    pack_form,
    refuse_mismatch,
)
from customers.registry.search.id_numbers import index_in
from customers.registry.services import may_read_customers, refuse_known_contacts
from tenants.models import Tenant, User
from tenants.packs.loader import EntityType as PackEntityType

MOST_LIKE_IT = 5  # customers named as perhaps the same


@dataclass(frozen=True)
class StagedRegistration:
    """`errors` are what register_customer would refuse, each at its field.

    `like_it` are living customers with the same ID number, or the same name and
    birth date: no error, yet perhaps the same person. They are named only to who may
    read customers.
    """

    errors: tuple[DomainError, ...]
    filled: Completeness | None
    like_it: tuple[Customer, ...] = ()

    @property
    def is_ready(self) -> bool:
        return not self.errors


@dataclass
class _Sifting:
    """Goes on after each refusal, and keeps the first of each field."""

    errors: dict[str, DomainError] = field(default_factory=dict)

    def ask(self, check: Callable[[], Any], otherwise: Any = None) -> Any:
        try:
            return check()
        except DomainError as error:
            self.note(error)
            return otherwise

    def note(self, error: DomainError) -> None:
        self.errors.setdefault(error.field, error)


def stage_customer(
    asked: Registration, *, tenant: Tenant, by: User
) -> StagedRegistration:
    """Check a registration in every way, and register nobody.

    The front end asks this while a form is filled in. Rows of an import will be kept
    and corrected by customers.imports, which judges each row by this same command.
    """
    sift = _Sifting()
    form = sift.ask(partial(pack_form, tenant, asked.entity_type))
    columns = _identity(sift, asked)
    if form is None:
        return StagedRegistration(tuple(sift.errors.values()), None)
    sift.ask(partial(refuse_mismatch, asked, form))
    details = _details(sift, form, asked.details)
    if asked.channel not in Channel.values:
        sift.note(_invalid("Unknown channel.", "channel"))
    else:
        for gap in channel_gaps(asked, columns, details):
            sift.note(gap)
    sift.ask(partial(clean_category, tenant, asked.category))
    for email, phone in ((columns["email"], ""), ("", columns["phone"])):
        sift.ask(partial(refuse_known_contacts, tenant.pk, email, phone, by=by))
    may_know = may_read_customers(by)
    return StagedRegistration(
        errors=tuple(sift.errors.values()),
        filled=_filled(tenant, asked, columns, details),
        like_it=tuple(_like_it(tenant, columns, details)) if may_know else (),
    )


def _identity(sift: _Sifting, asked: Registration) -> dict[str, str]:
    """Name, e-mail and phone as they would be kept; "" for what cannot be."""
    identity = sift.ask(partial(clean_identity, asked.name, "", ""), {"name": ""})
    email = clean(asked.email) and sift.ask(lambda: clean_email(asked.email), "")
    phone = clean(asked.phone) and sift.ask(
        lambda: clean_phone(asked.phone, "phone"), ""
    )
    return {**identity, "email": email, "phone": phone}


def _details(
    sift: _Sifting, form: PackEntityType, said: Mapping[str, object]
) -> dict[str, str]:
    fields = {each.key: each for each in form.fields}
    found: dict[str, str] = {}
    for key, value in said.items():
        if key not in fields:
            sift.ask(partial(clean_details, form, {key: value}))
        elif text := sift.ask(partial(clean_answer, fields[key], value)):
            found[key] = text
    return found


def _filled(
    tenant: Tenant, asked: Registration, columns: dict[str, str],
    details: Any,
) -> Completeness:  # fmt: skip
    """How complete the file would be on its first day."""
    return completeness(
        Customer(
            id=new_id(),
            tenant=tenant,
            customer_type=asked.customer_type,
            entity_type=asked.entity_type,
            details=details,
            **columns,
        )
    )


def _like_it(
    tenant: Tenant, columns: dict[str, str], details: dict[str, str]
) -> Iterator[Customer]:
    living = Customer.objects.for_tenant(tenant.pk).filter(status__in=LIVING)
    known = set()
    if index := index_in(details):
        for row in living.filter(id_number_index=index)[:MOST_LIKE_IT]:
            known.add(row.pk)
            yield row
    name, born = normalize_name(columns["name"])[:200], details.get("birth_date")
    if not (name and born):
        return
    for row in living.filter(name_normalized=name).order_by("id")[:50]:
        if row.pk not in known and row.details.get("birth_date") == born:
            yield row


def _invalid(message: str, place: str) -> DomainError:
    return DomainError(message, code="DATA_VALIDATION_FAILED", field=place)
