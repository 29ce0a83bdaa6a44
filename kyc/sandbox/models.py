"""What the stand-in remembers. No tenant: this is the other side of the wire."""

import secrets
import string
from typing import Any

from django.db import models
from django.utils import timezone

_ID_LETTERS = string.ascii_lowercase + string.digits
COMPANY = "company"


def provider_id() -> str:
    """Return an id in the provider's shape: 24 lowercase letters and digits."""
    return "".join(secrets.choice(_ID_LETTERS) for _ in range(24))


def image_number() -> str:
    """Return an image id in the provider's shape: a number of ten digits."""
    return str(10**9 + secrets.randbelow(9 * 10**9))


def link_token() -> str:
    """Return the secret part of a verification link."""
    return f"sbx_{secrets.token_urlsafe(24)}"


class SandboxApplicant(models.Model):
    """An applicant as the provider keeps it."""

    applicant_id = models.CharField(primary_key=True, max_length=24)
    inspection_id = models.CharField(max_length=24)
    external_user_id = models.CharField(max_length=255, unique=True)
    applicant_type = models.CharField(max_length=16, default="individual")
    level_name = models.CharField(max_length=255)
    email = models.CharField(max_length=255, blank=True)
    phone = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=16, blank=True)
    found = models.JSONField(default=dict)  # their ``info``
    stated = models.JSONField(default=dict)  # their ``fixedInfo``
    review_status = models.CharField(max_length=32, default="init")
    review_result = models.JSONField(null=True)
    review_id = models.CharField(max_length=24)
    attempt_count = models.PositiveIntegerField(default=0)
    reviewed_at = models.DateTimeField(null=True)
    is_deleted = models.BooleanField(default=False)
    is_blocklisted = models.BooleanField(default=False)
    member_of = models.JSONField(default=list)  # ids of companies
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "sandbox applicant"

    def __str__(self) -> str:
        return f"{self.name} ({self.applicant_id})"

    @property
    def is_company(self) -> bool:
        """Tell whether this is a company."""
        return self.applicant_type == COMPANY

    @property
    def company(self) -> dict[str, Any]:
        """The stated ``companyInfo``, {} where there is none."""
        company = self.stated.get("companyInfo")
        return company if isinstance(company, dict) else {}

    @property
    def name(self) -> str:
        """What to call the applicant on a page."""
        if self.is_company:
            return str(self.company.get("companyName") or self.external_user_id)
        parts = (self.stated.get("firstName"), self.stated.get("lastName"))
        return " ".join(str(p) for p in parts if p) or self.external_user_id

    @property
    def attempt_id(self) -> str:
        """What the provider calls the present attempt."""
        return self.review_id[:8]

    @property
    def is_being_checked(self) -> bool:
        """Tell whether the provider is at work, when most requests are refused."""
        return self.review_status in {"pending", "queued", "prechecked"}

    @property
    def may_move(self) -> bool:
        """Tell whether the applicant can be put on another level just now."""
        is_busy = self.review_status in {"pending", "queued", "onHold"}
        return not (is_busy or self.is_deleted)

    @property
    def is_finally_rejected(self) -> bool:
        """Tell whether the verdict closes the door to new details."""
        result = self.review_result or {}
        is_final = result.get("reviewRejectType") == "FINAL"
        return self.review_status == "completed" and is_final


class SandboxLink(models.Model):
    """A verification link that was handed out."""

    token = models.CharField(primary_key=True, max_length=64)
    external_user_id = models.CharField(max_length=255)
    level_name = models.CharField(max_length=255)
    email = models.CharField(max_length=255, blank=True)
    phone = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=16, blank=True)
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = "sandbox link"

    def __str__(self) -> str:
        return f"link for {self.external_user_id}"

    @property
    def is_expired(self) -> bool:
        """Tell whether the link's time has run out."""
        return timezone.now() >= self.expires_at


class DeliveryQuerySet(models.QuerySet["SandboxDelivery"]):
    """Which webhooks wait."""

    def waiting(self) -> "DeliveryQuerySet":
        """Webhooks that will be tried (again)."""
        return self.filter(state=SandboxDelivery.State.WAITING)

    def in_turn(self) -> "DeliveryQuerySet":
        """Waiting webhooks, the next one first."""
        return self.waiting().order_by("due_at", "pk")


class SandboxDelivery(models.Model):
    """One webhook: the exact bytes, and what became of them."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Sending"
        DELIVERED = "delivered", "Delivered"
        GIVEN_UP = "given_up", "Given up"

    applicant_id = models.CharField(max_length=24, db_index=True)
    event_type = models.CharField(max_length=64)
    correlation_id = models.CharField(max_length=64)
    note = models.CharField(max_length=64, blank=True)  # which fault it shows
    body = models.TextField()
    digest = models.CharField(max_length=128)
    algorithm = models.CharField(max_length=32)
    state = models.CharField(
        max_length=16, choices=State.choices, default=State.WAITING
    )
    tries = models.PositiveIntegerField(default=0)
    status_code = models.PositiveIntegerField(null=True)
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = "sandbox delivery"
        verbose_name_plural = "sandbox deliveries"
        indexes = [models.Index(fields=["state", "due_at"], name="sandbox_due")]

    def __str__(self) -> str:
        return f"{self.event_type} to {self.applicant_id}"


class SandboxImage(models.Model):
    """One image of a document, with its bytes: good enough for a stand-in."""

    image_id = models.CharField(primary_key=True, max_length=24)
    applicant = models.ForeignKey(
        SandboxApplicant, on_delete=models.CASCADE, related_name="images"
    )
    document_type = models.CharField(max_length=64)  # their ``idDocType``
    side = models.CharField(max_length=64, blank=True)  # their ``idDocSubType``
    country = models.CharField(max_length=3, blank=True)
    file_name = models.CharField(max_length=255)
    file_type = models.CharField(max_length=8)  # pdf, jpeg or png, by its bytes
    file_size = models.PositiveIntegerField()
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    answer = models.CharField(max_length=8, blank=True)  # GREEN, RED or ""
    is_deactivated = models.BooleanField(default=False)
    attempt_id = models.CharField(max_length=24)
    added_at = models.DateTimeField(default=timezone.now)
    content = models.BinaryField()

    class Meta:
        ordering = ["added_at", "pk"]
        verbose_name = "sandbox image"

    def __str__(self) -> str:
        return f"{self.document_type} {self.image_id}"


class SandboxSwitches(models.Model):
    """The faults to show; one row."""

    duplicates = models.BooleanField("Send every webhook twice", default=False)
    reversed_order = models.BooleanField(
        "Hold a webhook back until the next one has gone", default=False
    )
    late_resend = models.BooleanField(
        "After each webhook, send the one before again with its old time", default=False
    )
    same_correlation = models.BooleanField(
        "Give a webhook the correlation id of the one before", default=False
    )
    sandbox_flag_as_text = models.BooleanField(
        'Write sandboxMode as the text "false"', default=False
    )
    null_result = models.BooleanField("Write reviewResult as null", default=False)
    unknown_type = models.BooleanField(
        "Add a webhook of a type nobody knows", default=False
    )
    bad_digest = models.BooleanField("Send a wrong digest", default=False)
    sha1_digest = models.BooleanField("Sign webhooks with SHA-1", default=False)
    missing_fields = models.BooleanField("Leave out optional fields", default=False)
    answer_429 = models.PositiveIntegerField("Answer 429 Too Many Requests", default=0)
    answer_409 = models.PositiveIntegerField("Answer 409 with Retry-After", default=0)
    answer_503 = models.PositiveIntegerField("Answer 503 Unavailable", default=0)
    answer_slowly = models.PositiveIntegerField("Answer slowly", default=0)
    slow_seconds = models.PositiveIntegerField("How slowly, in seconds", default=15)
    retry_after_seconds = models.PositiveIntegerField(
        "Retry-After, in seconds", default=2
    )

    class Meta:
        verbose_name = "sandbox switches"
        verbose_name_plural = "sandbox switches"

    def __str__(self) -> str:
        return "Fault switches"

    @classmethod
    def load(cls) -> "SandboxSwitches":
        """Return the one row."""
        return cls.objects.get_or_create(pk=1)[0]
