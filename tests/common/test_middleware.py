"""Addresses that no page can use."""

import pytest
from django.contrib import admin
from django.db import models
from django.urls import reverse

from tenants.models import Tenant
from tenants.services import get_machine
from tests.conftest import ClientAs, MakeStaff


@pytest.mark.parametrize("model", list(admin.site._registry), ids=str)
def test_no_list_meets_a_nul(
    model: type[models.Model],
    make_staff: MakeStaff,
    client_as: ClientAs,
    demo_bank: Tenant,
) -> None:
    boss = make_staff("administrator", tenant=demo_bank)
    boss.is_superuser = True
    boss.save_as(get_machine("setup"), "For the test")
    place = reverse(
        f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    )
    for asked in ({"q": "A\x00ma"}, {"q": "\x00", "p": "\x00"}, {"status": "\x00"}):
        answer = client_as(boss).get(place, asked, follow=True)
        assert answer.status_code == 200
        assert "\x00" not in answer.request["QUERY_STRING"]
