"""Our table of a list: it says what Django's and Unfold's would, and nothing unsafe."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoDbBlocker
from unfold.templatetags.unfold_list import items_for_result

from common.lists.table import columns_of, rows_of, table_of
from customers.registry.models import Customer
from tenants.models import User
from tests.bank import Banks, owned_models, two_banks
from tests.conftest import ClientAs, MakeCustomer, MakeStaff

LIST = "admin:registry_customer_changelist"
_CLASSES = re.compile(r' class="(field-\w+|action-checkbox)[^"]*"')
_OF_LINKS = ' class="text-font-important-light dark:text-font-important-dark" '


@pytest.fixture(scope="module")
def banks(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Banks]:
    with django_db_blocker.unblock():
        yield from two_banks()


pytestmark = [pytest.mark.django_db, pytest.mark.once]
LISTED = [m for m in owned_models() if admin.site.is_registered(m)]


@pytest.fixture
def boss(banks: Banks) -> User:
    return banks.staff("superuser", banks.mine)


def _changelist(model: type[models.Model], boss: User, **asked: str) -> Any:
    page = admin.site._registry[model]
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    request = RequestFactory().get(reverse(name), asked)
    request.user = boss
    request.session = {}  # type: ignore[assignment]
    return page.get_changelist_instance(request)


def _theirs(cl: Any, row: Any) -> str:
    """Without the classes that our style sheet puts aside."""
    cells = "".join(items_for_result(cl, row, None)).replace(_OF_LINKS, "")
    return _CLASSES.sub(r' class="\1"', cells)


@pytest.mark.parametrize("model", LISTED, ids=lambda model: model._meta.label)
def test_each_list_says_what_djangos_table_says(
    model: type[models.Model], boss: User
) -> None:
    for asked in ({}, {"q": "a"}):
        cl = _changelist(model, boss, **asked)
        found = table_of(cl, may_add=False)
        assert len(found["rows"]) == len(cl.result_list)
        for ours, row in zip(found["rows"], cl.result_list, strict=True):
            assert ours == _theirs(cl, row)


def test_there_are_lists_with_rows_to_compare(boss: User) -> None:
    filled = [m for m in LISTED if len(_changelist(m, boss).result_list)]
    assert len(filled) > len(LISTED) / 2


def test_a_link_leads_back_to_the_list_as_it_was(
    make_staff: MakeStaff, client_as: ClientAs, make_customer: MakeCustomer
) -> None:
    customer = make_customer(name="Ama <b>Boateng</b> & Sons")
    desk: Client = client_as(make_staff("compliance_officer"))
    page = desk.get(reverse(LIST), {"status__exact": "active"}).content.decode()
    address = reverse("admin:registry_customer_change", args=[customer.pk])
    kept = "?_changelist_filters=status__exact%3Dactive"
    assert f'<a href="{address}{kept}">' in page
    assert "Ama &lt;b&gt;Boateng&lt;/b&gt; &amp; Sons" in page
    assert "<b>Boateng" not in page


class _Page:
    """A page with every kind of column."""

    def get_empty_value_display(self) -> str:
        return "–"

    def method(self, row: Any) -> Any:
        return row.said

    def yes(self, row: Any) -> Any:
        return row.said == "yes"

    yes.boolean = True  # type: ignore[attr-defined]


class _Row:
    said: Any = None

    def own(self) -> str:
        return "<i>own</i>"


class _List:
    model = _Row
    lookup_opts: Any
    list_display_links: Any = None
    preserved_filters = ""

    def __init__(self, *columns: Any) -> None:
        self.lookup_opts = Customer._meta
        self.list_display, self.model_admin = columns, _Page()
        self.result_list = [_Row()]

    def cells(self) -> str:
        headings = [{"text": f"no <{at}>"} for at, _ in enumerate(self.list_display)]
        (found,) = rows_of(self, columns_of(self, headings))  # type: ignore[arg-type]
        return found


def test_every_kind_of_column_is_written() -> None:
    def loose(row: Any) -> str:
        return f"{row.said} & more"

    cells = _List("method", "own", loose, "yes").cells()
    assert '<td class="field-method" data-label="no &lt;0&gt;">–</td>' in cells
    assert '<td class="field-own" data-label="no &lt;1&gt;">&lt;i&gt;own' in cells
    assert '<td class="field-loose" data-label="no &lt;2&gt;">None &amp; more' in cells
    assert 'class="field-yes"' in cells
