"""Groups follow the table of roles, and nobody holds two that do not go together."""

from itertools import combinations
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from common.errors import DomainError
from tenants.models import Tenant, User
from tenants.roles import (
    TABLE,
    AnyRole,
    Role,
    SystemRole,
    permissions_of,
    synchronise_roles,
)
from tenants.services import (
    change_staff,
    client_role_choices,
    register_staff,
    role_choices,
)
from tests.conftest import MakeStaff

# Of §1, said again in the bank's words: who may, and nobody else may.
WHO_MAY = {
    "registry.register_customer": "client_facing compliance_officer",
    "registry.update_customer": "client_facing compliance_officer",
    "kyc.start_kyc": "client_facing compliance_officer",
    "registry.view_customer": "client_facing compliance_officer senior_manager"
    " governing_body teller auditor",
    "registry.suspend_customer": "compliance_officer",
    "registry.reinstate_customer": "compliance_officer",
    "registry.decline_customer": "compliance_officer",
    "registry.close_task": "compliance_officer",
    "registry.view_task": "compliance_officer senior_manager governing_body auditor",
    "registry.view_history": "compliance_officer senior_manager governing_body auditor",
    "deposits.open_account": "teller",
    "tenants.change_policy": "administrator",
    "tenants.add_user": "administrator",
    "tenants.change_user": "administrator",
    "events.retry_delivery": "compliance_officer administrator",
}
NEVER_TOGETHER = {
    frozenset(pair.split())
    for pair in (
        "administrator compliance_officer",
        "administrator senior_manager",
        "administrator governing_body",
        "administrator teller",
        "teller compliance_officer",
    )
}


def held(role: AnyRole) -> set[str]:
    rows = Group.objects.get(name=role.value).permissions.values_list(
        "content_type__app_label", "codename"
    )
    return {f"{app}.{codename}" for app, codename in rows}


def existing() -> set[str]:
    rows = Permission.objects.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


@pytest.mark.django_db
@pytest.mark.parametrize("role", [*Role, *SystemRole])
def test_after_migrate_each_group_holds_what_the_table_says(role: AnyRole) -> None:
    assert held(role) == permissions_of(role) & existing()
    assert held(role), "a role without any permission is a slip"


@pytest.mark.django_db
def test_the_table_names_no_permission_that_does_not_exist() -> None:
    named = {code for row in TABLE for code in row.permissions}
    assert named <= existing()


@pytest.mark.django_db
@pytest.mark.parametrize(("permission", "roles"), WHO_MAY.items())
def test_who_may(permission: str, roles: str, make_staff: MakeStaff) -> None:
    may = {role for role in Role if make_staff(role).has_perm(permission)}
    assert may == set(roles.split())


@pytest.mark.django_db
@pytest.mark.parametrize("role", SystemRole)
def test_what_is_for_programs_no_person_is_given(
    role: SystemRole, make_staff: MakeStaff, setup_machine: User
) -> None:
    with pytest.raises(DomainError, match="There is no role"):
        make_staff(role)
    teller = make_staff("teller")
    said: dict[str, Any] = {"name": "Kofi", "is_active": True, "reason": "More"}
    with pytest.raises(DomainError, match="There is no role"):
        change_staff(teller.pk, roles=["teller", role], by=setup_machine, **said)
    assert role not in dict(role_choices())
    assert role in dict(client_role_choices())


@pytest.mark.django_db
def test_running_twice_changes_nothing() -> None:
    before = {role: held(role) for role in Role}
    for label in ("registry", "events", "tenants", "registry"):
        synchronise_roles(label)
    assert {role: held(role) for role in Role} == before
    assert Group.objects.filter(name__in=list(Role)).count() == len(Role)


@pytest.mark.django_db
def test_an_extra_permission_is_taken_back_and_a_lost_one_returned() -> None:
    teller = Group.objects.get(name="teller")
    extra = Permission.objects.get(codename="suspend_customer")
    lost = Permission.objects.get(codename="view_customer")
    teller.permissions.add(extra)
    teller.permissions.remove(lost)
    call_command("migrate", verbosity=0)
    assert "registry.suspend_customer" not in held(Role.TELLER)
    assert "registry.view_customer" in held(Role.TELLER)


@pytest.mark.django_db
def test_a_group_of_the_banks_own_is_left_alone() -> None:
    theirs = Group.objects.create(name="christmas party")
    theirs.permissions.add(Permission.objects.get(codename="view_customer"))
    call_command("migrate", verbosity=0)
    assert theirs.permissions.count() == 1


def _pair_id(pair: tuple[Role, Role]) -> str:
    return "+".join(pair)


@pytest.mark.django_db
@pytest.mark.parametrize("pair", list(combinations(Role, 2)), ids=_pair_id)
def test_incompatible_pairs_are_refused_and_all_others_are_not(
    pair: tuple[Role, Role], demo_bank: Tenant, setup_machine: User
) -> None:
    def register() -> User:
        return register_staff(
            tenant=demo_bank,
            email="two@bank.example",
            name="Two Hats",
            roles=[*pair, pair[0]],
            by=setup_machine,
        )

    if frozenset(pair) in NEVER_TOGETHER:
        with pytest.raises(DomainError, match="may not be the same person"):
            register()
        assert not User.objects.filter(username="two@bank.example").exists()
    else:
        user = register()
        assert user.roles == sorted(pair)
        assert set(user.groups.values_list("name", flat=True)) == set(pair)


def test_an_incompatible_role_cannot_be_added_later(
    make_staff: MakeStaff, setup_machine: User
) -> None:
    user = make_staff("teller")
    with pytest.raises(DomainError, match="Compliance officer and Teller"):
        change_staff(
            user.pk,
            name=user.name,
            roles=["teller", "compliance_officer"],
            is_active=True,
            by=setup_machine,
            reason="Short of people",
        )
    user.refresh_from_db()
    assert user.roles == ["teller"]


def test_a_role_that_does_not_exist_is_refused(make_staff: MakeStaff) -> None:
    with pytest.raises(DomainError, match="There is no role “wizard”"):
        make_staff("wizard")
