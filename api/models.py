"""Who may call the API besides a session, and what was answered to a repeated POST."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from api.names import BEYOND, DICTIONARIES, ROUTES
from common.encryption import EncryptedBytesField
from common.keys import KeyField
from tenants.models import Tenant, TenantOwned, TenantQuerySet

KEPT_FOR = timedelta(hours=24)  # as long as a client may repeat a POST
# A write at every request would cost more than the answer.
SEEN_EVERY = timedelta(minutes=1)


class ApiClient(TenantOwned):
    """A program that signs in at the identity provider, under a user of its own."""

    client_id = models.CharField(
        "client id", max_length=120, unique=True,
        help_text="As it is called at the identity provider.",
    )  # fmt: skip
    name = models.CharField(max_length=120)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_client",
        editable=False,
    )  # fmt: skip
    roles = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField("may call", default=True)

    objects = TenantQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        verbose_name = "API client"
        permissions = [
            (name, words)
            for name, words in {**ROUTES, **DICTIONARIES, **BEYOND}.items()
        ]

    def __str__(self) -> str:
        return self.name


class ApiTokenQuerySet(TenantQuerySet):
    def alive(self, now: datetime) -> Self:
        return self.filter(revoked_at=None, expires_on__gte=now.date())


class ApiToken(models.Model):
    """A secret by which somebody calls the API with part of what they may do."""

    id = KeyField(primary_key=True)
    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="+", editable=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_tokens"
    )
    name = models.CharField(max_length=80)
    prefix = models.CharField("begins with", max_length=8, unique=True)
    # SHA-256 in hex: 256 random bits cannot be guessed from it, salted or not.
    secret_sha256 = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField("made")
    expires_on = models.DateField("expires")
    last_used_at = models.DateTimeField("last used", null=True)
    revoked_at = models.DateTimeField("revoked", null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "API token"
        permissions = [
            ("create_token", "Can make API tokens of their own"),
            ("manage_tokens", "Can see and revoke everybody’s API tokens"),
        ]
        indexes = [models.Index(fields=["tenant", "-id"], name="api_token_list")]

    def __str__(self) -> str:
        return self.name

    def is_alive(self, now: datetime) -> bool:
        """Good until the end of its last day, UTC."""
        return self.revoked_at is None and now.date() <= self.expires_on

    def is_seen_long_ago(self, now: datetime) -> bool:
        return self.last_used_at is None or now - self.last_used_at >= SEEN_EVERY


class KeptAnswerQuerySet(TenantQuerySet):
    def over(self, now: datetime) -> Self:
        return self.filter(created_at__lt=now - KEPT_FOR)


class KeptAnswer(models.Model):
    """What was answered to a POST with an Idempotency-Key; 0: nothing yet."""

    id = KeyField(primary_key=True)
    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="+", editable=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    key = models.CharField(max_length=255)
    asked = models.CharField(max_length=64)  # SHA-256 of method, address and body
    status = models.PositiveSmallIntegerField(default=0)
    # May hold personal data.
    content = EncryptedBytesField(default=b"")
    location = models.CharField(max_length=400, blank=True)
    etag = models.CharField(max_length=40, blank=True, default="")
    created_at = models.DateTimeField()
    # Whoever acts outside a transaction holds the key until then.
    held_until = models.DateTimeField(null=True)

    objects = KeptAnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="api_key_once"),
            models.CheckConstraint(
                name="api_key_held_or_answered",
                condition=Q(status__gt=0) | Q(held_until__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="api_key_age")]

    def __str__(self) -> str:
        return f"answer {self.status}"

    def is_held(self, now: datetime) -> bool:
        return bool(not self.status and self.held_until and self.held_until > now)
