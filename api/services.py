"""What administrators do about programs that call the API."""

import re
from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction

from api.models import ApiClient
from common.errors import DomainError
from common.text import clean
from tenants.models import Tenant, User
from tenants.roles import Role, SystemRole
from tenants.services import refuse_conflicts

CLIENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
MAX_NAME = 120


@transaction.atomic
def register_client(
    *, tenant: Tenant, client_id: str, name: str, roles: Iterable[str], by: User
) -> ApiClient:
    """Let a program in that signs in at the identity provider, as its own user."""
    client_id, name, held = client_id.strip(), clean(name), sorted(set(roles))
    if not CLIENT_ID.fullmatch(client_id):
        message = "A client id has letters, digits, dots, dashes and underscores."
        raise DomainError(message, field="client_id")
    _refuse(name, held)
    if ApiClient.objects.filter(client_id=client_id).exists():
        raise _taken(client_id)
    user = User(
        tenant=tenant, kind=User.Kind.MACHINE, username=f"client:{client_id}",
        name=name, roles=held,
    )  # fmt: skip
    user.set_unusable_password()
    client = ApiClient(
        tenant=tenant, client_id=client_id, name=name, user=user, roles=held
    )
    try:
        with transaction.atomic():
            user.save_as(by, "API client registered")
            client.save_as(by, "Registered")
    except IntegrityError:  # somebody was quicker by a moment
        raise _taken(client_id) from None
    user.groups.set(Group.objects.filter(name__in=held))
    return client


@transaction.atomic
def change_client(
    client_pk: UUID, *, name: str, roles: Iterable[str], is_active: bool, by: User,
    reason: str,
) -> ApiClient:  # fmt: skip
    """Change what a program may do, or bar it."""
    client: ApiClient = ApiClient.objects.select_for_update().get(pk=client_pk)
    user: User = User.objects.select_for_update().get(pk=client.user_id)
    name, held = clean(name), sorted(set(roles))
    _refuse(name, held)
    for row in (client, user):
        row.name, row.roles, row.is_active = name, held, is_active
        row.save_as(by, reason)
    user.groups.set(Group.objects.filter(name__in=held))
    return client


def _refuse(name: str, roles: list[str]) -> None:
    if not 0 < len(name) <= MAX_NAME:
        raise DomainError(f"A name has at most {MAX_NAME} characters.", field="name")
    refuse_conflicts(roles, known=(*Role, *SystemRole))


def _taken(client_id: str) -> DomainError:
    return DomainError(f"{client_id} is registered already.", field="client_id")
