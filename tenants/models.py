"""Institutions, their staff, and the two bases every business record stands on."""

from datetime import date
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from simple_history.models import HistoricalRecords

from common.keys import KeyField
from common.money import CURRENCIES
from tenants.packs.loader import load_packs
from tenants.roles import role_label

# Addresses below /portal/ that belong to no institution.
RESERVED_SLUGS = frozenset({"mail"})


class MissingActorError(TypeError):
    """A business record was saved without saying who did it and why."""


class Signed(models.Model):
    """A record that is never saved without an actor and a reason."""

    id = KeyField(primary_key=True)

    _history_user: "User | None" = None
    _change_reason: str | None = None

    class Meta:
        abstract = True

    def save_as(self, by: "User", reason: str, **kwargs: Any) -> None:
        """Save and keep who did it and why in the version."""
        self._history_user, self._change_reason = by, reason
        try:
            self.save(**kwargs)
        finally:
            self._history_user = self._change_reason = None

    def save(self, *args: Any, **kwargs: Any) -> None:
        if getattr(self, "_history_user", None) is None:
            raise MissingActorError(f"{type(self).__name__}: use save_as(by, reason).")
        super().save(*args, **kwargs)


class Versions(HistoricalRecords):  # type: ignore[misc]
    """Versions of every column but those that a model names as `unversioned`."""

    def fields_included(self, model: Any) -> list[Any]:
        left_out: frozenset[str] = getattr(model, "unversioned", frozenset())
        return [f for f in super().fields_included(model) if f.name not in left_out]


class Versioned(Signed):
    """A record that writes a version, with actor and reason, at every save."""

    history = Versions(
        inherit=True,
        history_id_field=models.BigAutoField(),
        history_change_reason_field=models.TextField(default=""),
        custom_model_name=lambda name: f"{name}Version",
    )

    class Meta:
        abstract = True


class TenantQuerySet(models.QuerySet[Any]):
    """Rows of one institution; admin, API and pages read through `for_user`."""

    def for_tenant(self, tenant_id: UUID | None) -> Self:
        return self.filter(tenant_id=tenant_id) if tenant_id else self.none()

    def for_user(self, user: Any) -> Self:
        """Rows that the institution of `user` owns; none for who has none."""
        return self.for_tenant(getattr(user, "tenant_id", None))


class Tenant(Versioned):
    """One institution (reporting entity) and its policy."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(
        max_length=40,
        unique=True,
        help_text="Short name in addresses, as in /portal/demo/.",
    )
    pack = models.CharField("sector pack", max_length=40, default="bank")
    currency = models.CharField(max_length=3, default="USD")
    time_zone = models.CharField(max_length=64, default="UTC")
    kyc_required = models.BooleanField(
        "KYC required",
        default=True,
        help_text="A customer must be verified before an account can be opened.",
    )
    inactive_after_days = models.PositiveIntegerField(
        default=365, help_text="Days without activity until a customer is inactive."
    )
    suspended_after_days = models.PositiveIntegerField(
        default=3650,
        help_text="Days without activity until a customer is suspended.",
    )
    retention_years = models.PositiveIntegerField(
        default=7, help_text="Years records are kept after a relationship ends."
    )
    kyc_valid_days = models.PositiveIntegerField(
        "KYC valid days", default=1095, help_text="Days until KYC must be renewed."
    )
    is_single_employee = models.BooleanField(
        "single-employee mode",
        default=False,
        help_text="One person may approve what they asked for; recorded as such.",
    )

    class Meta:
        verbose_name = "institution"
        permissions = [("change_policy", "Can change the institution's policy")]
        constraints = [
            models.CheckConstraint(
                name="tenant_suspended_after_inactive",
                condition=models.Q(
                    suspended_after_days__gt=models.F("inactive_after_days")
                ),
                violation_error_message=(
                    "Suspension must come later than inactivity: more days."
                ),
            ),
            models.CheckConstraint(
                name="tenant_days_above_zero",
                condition=models.Q(inactive_after_days__gt=0, kyc_valid_days__gt=0),
                violation_error_message="Days must be above 0.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def today(self) -> date:
        """The day it is at the institution: terms end at its midnight, not UTC's."""
        return timezone.localdate(timezone=ZoneInfo(self.time_zone))

    def clean(self) -> None:
        if self.slug in RESERVED_SLUGS:
            raise ValidationError({"slug": "That address is taken by the portal."})
        if self.pack not in load_packs():
            raise ValidationError({"pack": f"There is no pack “{self.pack}”."})
        if self.currency not in CURRENCIES:
            raise ValidationError({"currency": "Not an ISO 4217 currency code."})
        if self.time_zone not in available_timezones():
            raise ValidationError({"time_zone": "Not a time zone, e.g. Africa/Accra."})


class NumberRange(models.Model):
    """The next number of a kind at an institution; locked while one is taken."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    kind = models.CharField(max_length=20)
    next_number = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "kind"], name="number_range_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.next_number}"


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=(username or "").strip().lower())

    def create_superuser(self, username: str, password: str, **fields: Any) -> "User":
        """Make an operator for `manage.py createsuperuser`, without an institution."""
        user = self.model(
            username=username.lower(),
            email=username.lower(),
            is_superuser=True,
            **fields,
        )
        user.set_password(password)
        user.save_as(user, "Created on the command line")
        return user


class User(AbstractBaseUser, PermissionsMixin, Signed):
    """Who acts: staff, a customer at the portal, or a machine."""

    class Kind(models.TextChoices):
        STAFF = "staff"
        CUSTOMER = "customer"
        MACHINE = "machine"

    tenant = models.ForeignKey(
        Tenant, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.STAFF)
    username = models.CharField(
        "login", max_length=200, unique=True, help_text="Staff sign in by e-mail."
    )
    email = models.EmailField("e-mail", blank=True)
    name = models.CharField(max_length=120, blank=True)
    roles = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(
        "may sign in", default=True, help_text="Clear it instead of deleting somebody."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    history = HistoricalRecords(
        history_id_field=models.BigAutoField(),
        history_change_reason_field=models.TextField(default=""),
        custom_model_name=lambda name: f"{name}Version",
        excluded_fields=["password", "last_login"],
    )

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    # What a token of theirs lets them do at most; None: all that their roles do.
    scopes: frozenset[str] | None = None
    objects = UserManager()

    class Meta:
        verbose_name = "staff member"
        verbose_name_plural = "staff"
        constraints = [
            models.UniqueConstraint(
                "email",
                condition=models.Q(kind="staff") & ~models.Q(email=""),
                name="staff_email_once",
            )
        ]

    def __str__(self) -> str:
        if self.kind == self.Kind.MACHINE:
            return f"{self.name} (machine)"
        return self.name or self.username

    @property
    def is_staff(self) -> bool:
        """Whether the admin lets them in."""
        return self.kind == self.Kind.STAFF

    @property
    def role_names(self) -> str:
        return ", ".join(role_label(role) for role in self.roles)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        if self.scopes is not None and perm not in self.scopes:
            return False
        return super().has_perm(perm, obj)

    def get_all_permissions(self, obj: Any = None) -> set[str]:
        held = super().get_all_permissions(obj)
        return held if self.scopes is None else held & self.scopes

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Django's own log-in and password hash upgrade save these two alone, as
        # nobody; neither column is versioned, so no version is owed.
        own = set(kwargs.get("update_fields") or ())
        if own and own <= {"last_login", "password"}:
            self.skip_history_when_saving = True
            try:
                models.Model.save(self, *args, **kwargs)
            finally:
                del self.skip_history_when_saving
            return
        super().save(*args, **kwargs)


class TenantOwned(Versioned):
    """A versioned record that belongs to exactly one institution.

    Each names its own manager, made from a TenantQuerySet; a test walks them all.
    """

    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="+", editable=False
    )

    class Meta:
        abstract = True
