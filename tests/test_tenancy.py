"""Nobody sees or guesses another bank's rows: every model, every address."""

import logging
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.test import RequestFactory
from django.urls import reverse
from pytest_django import DjangoDbBlocker, Settings

from customers.registry.models import Customer
from tenants.models import Tenant, User
from tenants.roles import Role
from tests.bank import (
    OURS,
    Banks,
    Walk,
    fingerprint,
    owned_models,
    rows_of,
    two_banks,
    way_to_tenant,
)
from tests.conftest import INDIVIDUAL_DETAILS, ClientAs
from tests.routes import (
    ELSEWHERE,
    PRESSED,
    Address,
    addresses,
    names_a_row,
    visits,
)

# What answers otherwise than 404 to an id of another institution, and why.
NOT_404 = {
    "_delete": (403, "nobody deletes anything, whoever owns it"),
    "kyc_differences": (405, "a form's address: POST alone"),
    "documents_decide": (405, "a decision is a POST alone"),
    "documents_take": (405, "taking is a POST alone"),
    "registry_task_take": (405, "taking is a POST alone"),
    "contacts_message_take": (405, "taking is a POST alone"),
    "contacts_message_release": (405, "letting go is a POST alone"),
    "kyc_case_take": (405, "taking is a POST alone"),
    "kyc_case_release": (405, "letting go is a POST alone"),
    "documents_upload_file": (405, "takes one file by POST alone"),
    **{
        f"api_{name}": (405, "a deed of the API, never a GET")
        for name in (
            "decline",
            "dispose",
            "activity",
            "holding",
            "kyc_start",
            "contact",
            "contact_primary",
            "contact_verify",
            "contact_confirm",
        )
    },
}


@pytest.fixture(scope="module")
def banks(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Banks]:
    with django_db_blocker.unblock():
        yield from two_banks()


pytestmark = pytest.mark.django_db


def _name(model: type[models.Model]) -> str:
    return model._meta.label


# --- models -----------------------------------------------------------------------
READ_OTHERWISE = {
    "tenants.User": "by sign-in, and by the page of staff, which is tested below",
    "tenants.NumberRange": "read by take_number alone, under a lock",
}


@pytest.mark.parametrize("model", owned_models(), ids=_name)
def test_there_is_a_row_to_look_for(model: type[models.Model], banks: Banks) -> None:
    assert rows_of(model, banks.mine).exists(), (
        f"{model._meta.label} belongs to a tenant and fill_bank makes no row of it:"
        " add one, else no test would see it leak."
    )


def _scoped_models() -> list[type[models.Model]]:
    """Versions are read through their row, so they need no manager of their own."""
    return [
        model for model in apps.get_models()
        if any(f.name == "tenant" for f in model._meta.concrete_fields)
        and not hasattr(model, "history_id")
        and model._meta.label not in READ_OTHERWISE
    ]  # fmt: skip


@pytest.mark.parametrize("model", _scoped_models(), ids=_name)
def test_every_manager_knows_whose_rows_somebody_may_read(
    model: type[models.Model], banks: Banks
) -> None:
    manager: Any = model._default_manager
    assert hasattr(manager, "for_user"), "Make the manager from a TenantQuerySet."
    superuser, operator = banks.staff("superuser"), banks.staff("operator")
    theirs = manager.for_user(superuser)
    assert theirs.exists()
    assert not (theirs & rows_of(model, banks.mine)).exists()
    for nobody in (operator, AnonymousUser()):
        assert not manager.for_user(nobody).exists()


# --- registered admins ------------------------------------------------------------
def _registered() -> list[type[models.Model]]:
    return list(admin.site._registry)


@pytest.mark.parametrize("model", _registered(), ids=_name)
def test_every_registered_admin_is_scoped(
    model: type[models.Model], banks: Banks
) -> None:
    assert way_to_tenant(model), (
        f"{model._meta.label} belongs to no tenant: changed at one bank, it would"
        " change at all."
    )

    def seen_by(who: str) -> Any:
        request = RequestFactory().get("/")
        tenant = banks.mine if who == "own superuser" else None
        request.user = banks.staff(who, tenant)
        return admin.site._registry[model].get_queryset(request)

    mine = set(rows_of(model, banks.mine).values_list("pk", flat=True))
    assert mine & {row.pk for row in seen_by("own superuser")}
    assert not mine & {row.pk for row in seen_by("superuser")}
    assert not seen_by("operator").exists()


# --- the walk ----------------------------------------------------------------------
def _walk_as(user: User, banks: Banks, client_as: ClientAs) -> Walk:
    client = client_as(user)
    client.raise_request_exception = False
    return Walk(client, banks.marks)


def _expected(address: Address) -> int:
    return next(
        (code for end, (code, _) in NOT_404.items() if address.name.endswith(end)), 404
    )


@pytest.fixture
def _quiet(settings: Settings) -> Iterator[None]:
    """No provider to wait for, and no log line for each of a thousand refusals."""
    settings.SUMSUB_BASE_URL = "http://127.0.0.1:9"  # discard: nobody listens
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("_quiet")
@pytest.mark.parametrize("who", ["superuser", "operator", *Role])
def test_no_address_shows_or_moves_the_other_banks_rows(
    who: str, banks: Banks, client_as: ClientAs
) -> None:
    walk = _walk_as(banks.staff(who), banks, client_as)
    before = fingerprint(banks.mine)
    most = len(banks.customers) if who == "superuser" else 1
    for address, url in visits(banks.mine, most):
        answer = walk.visit(url)
        code = _expected(address)
        if who == "superuser" and names_a_row(address) and answer.status_code != code:
            walk.problems.append(f"get {url}: {answer.status_code}, not {code}")
        if address.parameters:
            said = {"reason": "due_diligence", "outcome": "Seen", **PRESSED}
            code = walk.visit(url, "post", **said).status_code
            if names_a_row(address) and code not in (403, 404, 405):
                walk.problems.append(f"post {url}: {code}")
    assert not walk.problems, "\n".join(walk.problems)
    assert fingerprint(banks.mine) == before
    assert walk.pages, "Nothing was looked at."


# --- lists, searches, choices --------------------------------------------------------
def _searches(model: type[models.Model], banks: Banks) -> Iterator[dict[str, Any]]:
    """What somebody might put after the question mark of a list."""
    customer = banks.customers["verified"]
    filters = admin.site._registry[model].list_filter
    has_state = any(getattr(f, "parameter_name", "") == "state" for f in filters)
    everything = {"state": "all"} if has_state else {}
    for said in (OURS, customer.name, customer.public_id, customer.email,
                 customer.phone, str(customer.pk)):  # fmt: skip
        yield {"q": said, **everything}
    yield from ({"_facets": "True"}, {"all": ""}, {"p": 2}, everything)
    yield {"tenant__id__exact": banks.mine.pk}
    keys: list[Any] = [f for f in model._meta.concrete_fields if f.is_relation]
    for key in keys:
        if way_to_tenant(key.related_model):
            row = rows_of(key.related_model, banks.mine)[0]
            yield {f"{key.name}__id__exact": row.pk, **everything}


@pytest.mark.usefixtures("_quiet")
def test_no_search_filter_or_choice_finds_the_other_banks_rows(
    banks: Banks, client_as: ClientAs
) -> None:
    walk = _walk_as(banks.staff("superuser"), banks, client_as)
    for model in admin.site._registry:
        app, name = model._meta.app_label, model._meta.model_name
        for asked in _searches(model, banks):
            walk.visit(reverse(f"admin:{app}_{name}_changelist"), **asked)
        for key in model._meta.fields:
            if key.is_relation:
                walk.visit(
                    reverse("admin:autocomplete"), term=OURS, app_label=app,
                    model_name=name, field_name=key.name,
                )  # fmt: skip
    for tab in ("", "quarantined", "differences", "decide", "came", "held", "open"):
        customer = banks.customers["verified"].pk
        walk.visit(reverse("admin:kyc_desk"), tab=tab, customer=customer)
    walk.visit(reverse("admin:search"), s=OURS, extended=1)
    assert not walk.problems, "\n".join(walk.problems)


def test_the_walk_would_see_a_leak(banks: Banks, client_as: ClientAs) -> None:
    """Whoever may see the rows meets them on every list, page and search."""
    walk = _walk_as(banks.staff("own superuser", banks.mine), banks, client_as)
    blind = []
    for model in admin.site._registry:
        opts = model._meta
        list_url = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
        answer = walk.client.get(list_url, {"state": "all"}, follow=True)
        if not walk.seen_in(answer, list_url, {}):
            blind.append(list_url)
    assert not blind
    assert walk.seen_in(walk.client.get("/admin/"), "/admin/", {})


# --- an own address with the other bank's ids in it -----------------------------
@pytest.mark.usefixtures("_quiet")
def test_a_version_is_shown_under_its_own_row_alone(
    banks: Banks, client_as: ClientAs
) -> None:
    walk = _walk_as(banks.staff("superuser"), banks, client_as)
    for model in admin.site._registry:
        if not hasattr(model, "history"):
            continue
        theirs, ours = (rows_of(model, bank)[0] for bank in (banks.other, banks.mine))
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_simple_history"
        version = ours.history.first().pk
        answer = walk.visit(reverse(name, args=[theirs.pk, version]))
        assert answer.status_code == 404, name
    assert not walk.problems, "\n".join(walk.problems)


@pytest.mark.usefixtures("_quiet")
def test_ids_of_the_other_bank_in_a_form_do_nothing(
    banks: Banks, client_as: ClientAs
) -> None:
    walk = _walk_as(banks.staff("superuser"), banks, client_as)
    mine, theirs = banks.customers["verified"], _customer_of(banks.other)
    account: Any = mine.accounts.first()
    before = fingerprint(banks.mine)
    register, open_account = (
        reverse("admin:registry_customer_add"),
        reverse("admin:deposits_account_open_account"),
    )
    person = {
        "id": mine.pk, "customer_type": "INDIVIDUAL", "entity_type": "individual",
        "channel": "web", "name": "Somebody Else", "email": "else@mail.example",
        "terms_version": "on", "phone": "+233244188888",
    }  # fmt: skip
    answer = walk.visit(register, "post", **person, **INDIVIDUAL_DETAILS)
    assert "This customer exists already." in answer.content.decode()
    walk.visit(open_account, customer=mine.public_id)
    asked = {"customer": mine.public_id, "account_type": "current", **PRESSED}
    answer = walk.visit(open_account, "post", **asked, account_id=uuid4())
    assert "There is no customer" in answer.content.decode()
    asked["customer"] = theirs.public_id
    answer = walk.visit(open_account, "post", **asked, account_id=account.pk)
    assert "begin anew" in answer.content.decode()
    assert not walk.problems, "\n".join(walk.problems)
    assert fingerprint(banks.mine) == before


def _customer_of(tenant: Tenant) -> Any:
    return rows_of(Customer, tenant).get(name__startswith="married")


def test_the_tables_of_exceptions_are_up_to_date() -> None:
    known = list(addresses())
    starts = [f"{each.name}\n{each.form}" for each in known]
    unused = [
        start for start in ELSEWHERE
        if not any(start in each for each in starts)
    ]  # fmt: skip
    unused += [end for end in NOT_404 if not any(a.name.endswith(end) for a in known)]
    assert not unused, "Strike these out: no address answers to them."
