"""What may be asked of institutions and staff."""

from collections.abc import Iterable
from copy import copy
from functools import cache
from typing import Any
from uuid import UUID, uuid5

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from common.errors import DomainError, NotForYouError
from common.keys import spoken_number
from tenants.models import NumberRange, Tenant, User
from tenants.roles import AnyRole, Role, SystemRole, conflicts

MACHINES = {
    "sumsub": "Sumsub",
    "sweep": "Nightly sweep",
    "onboarding": "Provisioning",
    "deposits": "Accounts",
    "contacts": "Contact desk",
    "documents": "Document desk",
    "tiers": "Tiers",
    "checks": "Outside checks",
    "setup": "Set-up",
}
# The space in which the keys of machines lie (RFC 9562, version 5).
_MACHINES = UUID("6f1f2d1e-7c0a-4d7e-9a53-3b0c2f6f1c5d")
MAX_LOGIN = 200  # characters; as long as the column `username`
# First numbers, so that an account is never mistaken for a customer by phone.
FIRST_NUMBER = {"customer": 1_000_004, "account": 2_000_008}


@cache
def get_machine(name: str) -> User:
    """Return the user behind a machine, e.g. `system:sumsub`, without asking anybody.

    Its key follows from its name and `synchronise_machines` keeps its row, so that
    whoever acts in a machine's name spends no query on it.
    """
    user = User(
        id=uuid5(_MACHINES, name),
        username=f"system:{name}",
        name=MACHINES[name],
        kind=User.Kind.MACHINE,
        is_active=False,
        password=UNUSABLE_PASSWORD_PREFIX,
    )
    user._state.adding = False  # noqa: SLF001 - its row is there since the migration
    return user


def synchronise_machines(*, using: str = "default") -> None:
    """Make every machine's user; runs after migrate and is harmless to run twice."""
    known = User.objects.using(using).filter(kind=User.Kind.MACHINE)
    missing = set(MACHINES) - {user.username.removeprefix("system:") for user in known}
    for name in sorted(missing):
        user = copy(get_machine(name))
        user.set_unusable_password()
        user.save_as(
            user, "Machines act under their own name", using=using, force_insert=True
        )


@transaction.atomic
def take_number(tenant_id: UUID, kind: str) -> str:
    """Take the institution's next `public_id` of a kind, e.g. `1000-0042`."""
    row, _ = NumberRange.objects.select_for_update().get_or_create(
        tenant_id=tenant_id, kind=kind, defaults={"next_number": FIRST_NUMBER[kind]}
    )
    number = row.next_number
    row.next_number = number + 1
    row.save(update_fields=["next_number"])
    return spoken_number(number)


@transaction.atomic
def create_tenant(*, name: str, slug: str, by: User, **policy: Any) -> Tenant:
    """Found an institution."""
    tenant = Tenant(name=name, slug=slug, **policy)
    tenant.full_clean()
    tenant.save_as(by, "Institution founded")
    return tenant


@transaction.atomic
def change_policy(tenant_id: UUID, *, by: User, reason: str, **policy: Any) -> Tenant:
    """Change an institution's policy; the versions keep what held when."""
    tenant = Tenant.objects.select_for_update().get(pk=tenant_id)
    for field, value in policy.items():
        setattr(tenant, field, value)
    tenant.full_clean()
    tenant.save_as(by, reason)
    return tenant


def refuse_conflicts(
    roles: Iterable[str], *, known: Iterable[AnyRole] = tuple(Role)
) -> None:
    """Raise DomainError when one may not hold all of `roles`, by default a person."""
    for role in set(roles) - set(known):
        raise DomainError(f"There is no role “{role}”.", field="roles")
    if pairs := conflicts(roles):
        first, second = (Role(role).label for role in pairs[0])
        raise DomainError(f"{first} and {second} may not be the same person.")


@transaction.atomic
def register_staff(
    *, tenant: Tenant, email: str, name: str, roles: Iterable[str], by: User,
    password: str | None = None,
) -> User:  # fmt: skip
    """Give somebody a staff login; without a password they sign in elsewhere."""
    held = sorted(set(roles))
    refuse_conflicts(held)
    email = email.strip().lower()
    try:
        validate_email(email if len(email) <= MAX_LOGIN else "")
    except ValidationError:
        raise DomainError("The e-mail does not look right.",
                          code="INVALID_EMAIL", field="email") from None  # fmt: skip
    if User.objects.filter(username=email).exists():
        raise DomainError(f"There is a login {email} already.", field="email")
    user = User(tenant=tenant, username=email, email=email, name=name, roles=held)
    user.set_password(password)
    user.save_as(by, "Staff login created")
    user.groups.set(Group.objects.filter(name__in=held))
    return user


@transaction.atomic
def change_staff(
    user_id: UUID, *, name: str, roles: Iterable[str], is_active: bool, by: User,
    reason: str,
) -> User:  # fmt: skip
    """Change somebody's roles or bar them; nobody changes their own."""
    user = User.objects.select_for_update().get(pk=user_id)
    held = sorted(set(roles))
    if user.pk == by.pk and (held != user.roles or not is_active):
        raise NotForYouError("Nobody changes their own roles; ask a colleague.")
    refuse_conflicts(held)
    user.name, user.roles, user.is_active = name, held, is_active
    user.save_as(by, reason)
    user.groups.set(Group.objects.filter(name__in=held))
    return user


@cache
def role_choices() -> list[tuple[str, str]]:
    return [(role.value, role.label) for role in Role]


@cache
def client_role_choices() -> list[tuple[str, str]]:
    """A program may have the roles of people, and those for programs alone."""
    return [*role_choices(), *((role.value, role.label) for role in SystemRole)]
