"""The customer's login, the embedded portal's own part of it, and the tracker."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.lifecycle import transition
from customers.registry.choices import Status as CustomerStatus
from customers.registry.models import Customer
from onboarding.events import LoginDisabled, LoginEnabled
from tenants.models import TenantOwned, TenantQuerySet

# What is not done by then has met trouble: in health it is a matter of seconds.
STUCK_AFTER = timedelta(minutes=10)


class Login(TenantOwned):
    """Where a customer's login is kept and whether it is open."""

    class Status(models.TextChoices):
        ENABLED = "enabled", "Enabled"
        DISABLED = "disabled", "Disabled"

    customer = models.OneToOneField(
        Customer, on_delete=models.PROTECT, related_name="login"
    )
    provider = models.CharField(max_length=20)
    provider_id = models.CharField(max_length=64)
    login_name = models.CharField(max_length=254)
    status = models.CharField(max_length=10, choices=Status, default=Status.ENABLED)
    created_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "provider_id"], name="login_provider_id_once"
            )
        ]

    def __str__(self) -> str:
        return self.login_name

    @transition(Status.ENABLED, to=Status.DISABLED)
    def disable(self) -> LoginDisabled:
        """Keep the customer out."""
        return LoginDisabled(customer_id=str(self.customer_id), login_id=str(self.pk))

    @transition(Status.DISABLED, to=Status.ENABLED)
    def enable(self) -> LoginEnabled:
        """Let the customer in again."""
        return LoginEnabled(customer_id=str(self.customer_id), login_id=str(self.pk))


class PortalAccess(TenantOwned):
    """The embedded provider's own record: which user is which customer."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="portal_access"
    )
    customer = models.OneToOneField(
        Customer, on_delete=models.PROTECT, related_name="+"
    )
    must_change_password = models.BooleanField(default=True)

    objects = TenantQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False

    def __str__(self) -> str:
        return str(self.customer)


class ProvisioningQuerySet(TenantQuerySet):
    def done(self) -> Self:
        return self.filter(completed_at__isnull=False)

    def under_way(self) -> Self:
        """Not done, and the customer is still with us."""
        return self.filter(
            completed_at=None,
            customer__status__in=(CustomerStatus.ACTIVE, CustomerStatus.SUSPENDED),
        )

    def awaiting_hand_over(self) -> Self:
        """Only the customer's visit is missing: no e-mail, so no welcome."""
        return self.under_way().filter(
            welcome_way=Provisioning.Way.BRANCH, welcome_sent_at=None
        )

    def stuck(self, now: datetime, failed_customer_ids: Collection[UUID]) -> Self:
        """Given up in some step, or late; what waits for the branch is not late.

        Steps of a suspended customer are held on purpose, so they do not count.
        """
        failed = Q(customer_id__in=failed_customer_ids)
        visit_only = Q(
            welcome_way=Provisioning.Way.BRANCH,
            login_created_at__isnull=False,
            account_opened_at__isnull=False,
            activated_at__isnull=False,
        )
        late = Q(started_at__lt=now - STUCK_AFTER) & ~visit_only
        return self.under_way().filter(
            failed | late, customer__status=CustomerStatus.ACTIVE
        )


class Provisioning(TenantOwned):
    """How far a verified customer is on the way to using the bank."""

    class Way(models.TextChoices):
        EMAIL = "email", "by e-mail"
        BRANCH = "branch", "in the branch"

    customer = models.OneToOneField(
        Customer, on_delete=models.PROTECT, related_name="provisioning"
    )
    started_at = models.DateTimeField()
    login_created_at = models.DateTimeField(null=True)
    # Decided when the welcome is due: without an e-mail the branch hands it over.
    welcome_way = models.CharField(max_length=10, choices=Way, blank=True)
    welcome_sent_at = models.DateTimeField(null=True)
    account_opened_at = models.DateTimeField(null=True)
    activated_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)

    objects = ProvisioningQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        verbose_name = "customer on the way"  # as lists count them
        verbose_name_plural = "customers on the way"
        permissions = [("retry_step", "Can try a step of provisioning again")]
        constraints = [
            models.CheckConstraint(
                name="provisioning_completed_is_complete",
                condition=Q(completed_at=None)
                | Q(
                    login_created_at__isnull=False,
                    welcome_sent_at__isnull=False,
                    account_opened_at__isnull=False,
                    activated_at__isnull=False,
                ),
            )
        ]
        indexes = [
            models.Index(fields=["tenant", "started_at"], name="provisioning_list"),
            models.Index(
                fields=["tenant", "started_at"],
                condition=Q(completed_at=None),
                name="provisioning_open",
            ),
        ]

    def __str__(self) -> str:
        return f"provisioning of {self.customer}"

    @property
    def is_complete(self) -> bool:
        return all(
            (
                self.login_created_at,
                self.welcome_sent_at,
                self.account_opened_at,
                self.activated_at,
            )
        )
