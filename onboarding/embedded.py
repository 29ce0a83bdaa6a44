"""Customers' logins kept here, for installations without Keycloak.

They sign in to the small portal. As a provider this is the one gateway whose outside
is our own database; nothing else writes these users.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.urls import reverse

from onboarding.identity import (
    IdentityRefused,
    LoginNameTaken,
    LoginRef,
    make_one_time_password,
)
from onboarding.models import PortalAccess
from tenants.models import Tenant, User
from tenants.services import get_machine

GROUP = "customer"


def portal_username(tenant_slug: str, login_name: str) -> str:
    """Name the Django user: no institution's logins can meet another's, or staff's."""
    return f"customer:{tenant_slug}:{login_name.strip()}".lower()


class EmbeddedProvider:
    """Keeps logins as Django users of kind customer; `provider_id` is the user's id."""

    name = "embedded"

    def __init__(self, tenant_slug: str) -> None:
        self.tenant_slug = tenant_slug

    def ensure_user(
        self, *, customer_id: str, login_name: str, email: str, phone: str, name: str
    ) -> LoginRef:
        del phone
        try:
            with transaction.atomic():
                return self._ensure(customer_id, login_name, email, name)
        except IntegrityError as error:
            raise LoginNameTaken("Another login has this name already.") from error

    def _ensure(
        self, customer_id: str, login_name: str, email: str, name: str
    ) -> LoginRef:
        access = PortalAccess.objects.filter(customer_id=customer_id).first()
        if access:
            return LoginRef(
                self.name, str(access.user_id), login_name, was_created=False
            )
        tenant = Tenant.objects.get(slug=self.tenant_slug)
        machine = get_machine("onboarding")
        user = User(
            tenant=tenant,
            kind=User.Kind.CUSTOMER,
            username=self._username(login_name),
            email=email,
            name=_fitting("name", name),
        )
        user.set_unusable_password()
        user.save_as(machine, "Portal login created")
        group, _ = Group.objects.get_or_create(name=GROUP)
        user.groups.add(group)
        access = PortalAccess(tenant=tenant, user=user, customer_id=customer_id)
        access.save_as(machine, "Portal login created")
        return LoginRef(self.name, str(user.pk), login_name, was_created=True)

    @transaction.atomic
    def set_enabled(self, provider_id: str, *, is_enabled: bool) -> None:
        user = self._locked(provider_id)
        if user.is_active != is_enabled:
            user.is_active = is_enabled
            verb = "enabled" if is_enabled else "disabled"
            user.save_as(get_machine("onboarding"), f"Portal login {verb}")

    @transaction.atomic
    def set_one_time_password(self, provider_id: str) -> str:
        user, machine = self._locked(provider_id), get_machine("onboarding")
        password = make_one_time_password()
        user.set_password(password)
        user.save_as(machine, "One-time password set")
        access = PortalAccess.objects.select_for_update().get(user=user)
        access.must_change_password = True
        access.save_as(machine, "One-time password set")
        return password

    def update_email(self, provider_id: str, *, email: str, login_name: str) -> None:
        try:
            with transaction.atomic():
                user = self._locked(provider_id)
                username = self._username(login_name)
                if (user.email, user.username) != (email, username):
                    user.email, user.username = email, username
                    user.save_as(get_machine("onboarding"), "Login name follows")
        except IntegrityError as error:
            raise LoginNameTaken("Another login has this name already.") from error

    def sign_in_url(self) -> str:
        path = reverse("portal:home", args=[self.tenant_slug])
        return f"{settings.PUBLIC_URL}{path}"

    def _username(self, login_name: str) -> str:
        username = portal_username(self.tenant_slug, login_name)
        if len(username) > _room("username"):
            raise IdentityRefused("The login name is too long for the portal.")
        return username

    def _locked(self, provider_id: str) -> User:
        user: User | None = (
            User.objects.select_for_update()
            .filter(
                pk=provider_id, kind=User.Kind.CUSTOMER, tenant__slug=self.tenant_slug
            )
            .first()
        )
        if user is None:
            raise IdentityRefused("The portal has no such login any more.")
        return user


@transaction.atomic
def choose_password(access_id: UUID, password: str) -> User:
    """Take the customer's own password; the one-time one is gone with it."""
    access = PortalAccess.objects.select_for_update().get(pk=access_id)
    user: User = User.objects.select_for_update().get(pk=access.user_id)
    user.set_password(password)
    user.save_as(user, "Password chosen by the customer")
    access.must_change_password = False
    access.save_as(user, "Password chosen by the customer")
    return user


def _room(field: str) -> int:
    """How many characters the column of a user holds."""
    column: Any = User._meta.get_field(field)  # noqa: SLF001 - Django's documented API
    return int(column.max_length)


def _fitting(field: str, text: str) -> str:
    return text[: _room(field)]
