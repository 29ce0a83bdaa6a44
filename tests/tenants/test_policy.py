"""An institution's policy: what may not be, whoever writes it, and what held when."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tenants.models import Tenant, User
from tenants.services import change_policy, create_tenant
from tests.conftest import MakeCustomer, MakeStaff

NEVER: list[tuple[dict[str, Any], str]] = [
    ({"suspended_after_days": 365}, "Suspension must come later"),
    ({"suspended_after_days": 100}, "Suspension must come later"),
    ({"inactive_after_days": 3650}, "Suspension must come later"),
    ({"inactive_after_days": 0}, "Days must be above 0"),
    ({"kyc_valid_days": 0}, "Days must be above 0"),
]


@pytest.mark.parametrize(("policy", "sentence"), NEVER)
def test_the_command_refuses_with_a_sentence(
    demo_bank: Tenant, setup_machine: User, policy: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValidationError, match=sentence):
        change_policy(demo_bank.pk, by=setup_machine, reason="Slip", **policy)
    assert demo_bank.history.count() == 1


@pytest.mark.parametrize("policy", [policy for policy, _ in NEVER])
def test_the_database_refuses_too(demo_bank: Tenant, policy: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Tenant.objects.filter(pk=demo_bank.pk).update(**policy)


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        ({"pack": "butcher"}, "There is no pack “butcher”"),
        ({"currency": "XXX"}, "Not an ISO 4217 currency"),
        ({"currency": "usd"}, "Not an ISO 4217 currency"),
        ({"time_zone": "Mars/Base"}, "Not a time zone"),
        ({"time_zone": "../../etc/passwd"}, "Not a time zone"),
        ({"slug": "demo bank"}, "slug"),
        ({"name": ""}, "cannot be blank"),
    ],
)
def test_what_does_not_exist_is_refused(
    demo_bank: Tenant, setup_machine: User, policy: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValidationError, match=sentence):
        change_policy(demo_bank.pk, by=setup_machine, reason="Slip", **policy)


def test_two_institutions_of_one_slug_are_refused(
    demo_bank: Tenant, setup_machine: User
) -> None:
    with pytest.raises(ValidationError, match="already exists"):
        create_tenant(name="Other", slug=demo_bank.slug, by=setup_machine)


def test_the_versions_keep_what_held_when(
    demo_bank: Tenant, make_staff: MakeStaff
) -> None:
    boss = make_staff("administrator")
    change_policy(
        demo_bank.pk, by=boss, reason="New law", kyc_valid_days=365, kyc_required=False
    )
    now, then = demo_bank.history.all()
    assert (now.kyc_valid_days, then.kyc_valid_days) == (365, 1095)
    assert (now.history_user, now.history_change_reason) == (boss, "New law")
    assert then.history_change_reason == "Institution founded"


def test_defaults_are_those_of_the_domain(demo_bank: Tenant) -> None:
    assert demo_bank.kyc_required
    assert not demo_bank.is_single_employee
    assert demo_bank.inactive_after_days == 365
    assert demo_bank.suspended_after_days == 3650
    assert demo_bank.retention_years == 7
    assert demo_bank.kyc_valid_days == 1095
    assert (demo_bank.pack, demo_bank.currency) == ("bank", "USD")


def test_a_user_sees_rows_of_their_own_institution_only(
    make_customer: MakeCustomer, make_staff: MakeStaff, second_bank: Tenant
) -> None:
    ours, theirs = make_customer(), make_customer(tenant=second_bank)
    rows = type(ours).objects
    assert list(rows.for_user(make_staff("teller"))) == [ours]
    assert list(rows.for_user(make_staff("teller", tenant=second_bank))) == [theirs]


def test_who_belongs_to_no_institution_sees_nothing(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    rows = type(make_customer()).objects
    assert setup_machine.tenant is None
    assert not rows.for_user(setup_machine).exists()
    assert not rows.for_user(object()).exists()
    assert not rows.for_tenant(None).exists()
