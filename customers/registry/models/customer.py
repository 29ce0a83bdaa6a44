"""The customer: who they are and where their three lifecycles stand."""

from datetime import date, datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from common.encryption import EncryptedJSONField, EncryptedTextField
from common.errors import IllegalTransitionError
from common.lifecycle import transition
from common.text import normalize_name
from customers.registry.choices import (
    LIVING,
    Activity,
    Channel,
    CustomerType,
    DeclineReason,
    EntityType,
    KycLevel,
    KycStatus,
    Risk,
    Status,
    SuspensionReason,
)
from customers.registry.events import (
    ActivityChanged,
    CustomerArchived,
    CustomerOffboarded,
    CustomerReinstated,
    CustomerSuspended,
    CustomerVerified,
    KycRejected,
    KycRenewed,
    KycReopened,
)
from customers.registry.search import finding
from customers.registry.search.id_numbers import index_in
from tenants.models import TenantOwned, TenantQuerySet
from tenants.packs.loader import EntityType as PackEntityType
from tenants.packs.loader import load_packs

# What lists are filtered by; the first three have an index. `activity` is no part of
# it: a night changes it for many, and each change would write every such index anew.
FILTERED = ("status", "kyc_status", "customer_type", "entity_type", "channel")


class CustomerQuerySet(TenantQuerySet):
    def living(self) -> Self:
        return self.filter(status__in=LIVING)

    def found_by(self, text: str, by: Any = None) -> Self:
        """Search by exact keys and names; exact hits first, similar names last.

        Without `by`, the user who asks, keys with a permission are not asked.
        """
        return finding.look(self, text, by).among(self)  # type: ignore[return-value]

    def kyc_expiring_by(self, day: date) -> Self:
        return self.filter(
            kyc_status=KycStatus.VERIFIED, status__in=LIVING, kyc_expires_on__lte=day
        )


class Customer(TenantOwned):
    """A person or organisation the bank deals with."""

    # Worked out of `details`; a version would keep it when the number has gone.
    unversioned: ClassVar[frozenset[str]] = frozenset({"id_number_index"})

    public_id = models.CharField("number", max_length=16, editable=False)
    customer_type = models.CharField("type", max_length=30, choices=CustomerType)
    entity_type = models.CharField("legal form", max_length=30, choices=EntityType)
    name = models.CharField(max_length=200)
    name_normalized = models.CharField(max_length=200, editable=False)
    email = models.EmailField("e-mail", blank=True)
    phone = models.CharField(max_length=16, blank=True)
    telegram_id = EncryptedTextField("Telegram id", blank=True, default="")
    # Answers to the pack's form; ID and tax numbers among them, hence encrypted.
    details = EncryptedJSONField(default=dict, blank=True)
    id_number_index = models.CharField(max_length=64, blank=True, editable=False)
    pack_version = models.PositiveIntegerField(default=1)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.WEB)
    category = models.CharField(max_length=40, blank=True)
    tier = models.PositiveSmallIntegerField(default=1)
    risk = models.CharField(max_length=10, choices=Risk, blank=True)

    status = models.CharField(max_length=12, choices=Status, default=Status.ACTIVE)
    status_reason = models.CharField(max_length=40, blank=True)
    status_changed_at = models.DateTimeField(null=True)
    kyc_status = models.CharField(
        "KYC", max_length=10, choices=KycStatus, default=KycStatus.PENDING
    )
    kyc_level = models.CharField(
        "KYC level", max_length=10, choices=KycLevel, default=KycLevel.NOT_KYCED
    )
    activity = models.CharField(
        max_length=10, choices=Activity, default=Activity.INACTIVE
    )

    registered_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True, blank=True)
    kyc_expires_on = models.DateField("KYC expires on", null=True, blank=True)
    last_activity_at = models.DateTimeField(null=True, blank=True)
    offboarded_at = models.DateTimeField(null=True, blank=True)
    offboard_reason = models.CharField(max_length=40, blank=True)
    retention_until = models.DateField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Counts saves, so that the second of two editors is told.
    row_version = models.PositiveIntegerField(default=0, editable=False)

    objects = CustomerQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        permissions = [
            ("register_customer", "Can register a customer"),
            ("update_customer", "Can change a customer's details"),
            ("suspend_customer", "Can suspend a customer"),
            ("reinstate_customer", "Can reinstate a customer"),
            ("decline_customer", "Can decline an applicant"),
            ("record_activity", "Can record activity"),
            ("view_history", "Can view versions"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "public_id"], name="customer_public_id_once"
            ),
            models.UniqueConstraint(
                fields=["tenant", "email"],
                condition=Q(status__in=["active", "suspended"]) & ~Q(email=""),
                name="customer_email_once",
            ),
            models.UniqueConstraint(
                fields=["tenant", "phone"],
                condition=Q(status__in=["active", "suspended"]) & ~Q(phone=""),
                name="customer_phone_once",
            ),
            models.CheckConstraint(
                name="customer_individual_is_individual",
                condition=Q(customer_type="INDIVIDUAL", entity_type="individual")
                | ~Q(customer_type="INDIVIDUAL") & ~Q(entity_type="individual"),
            ),
            models.CheckConstraint(
                name="customer_government_is_body",
                condition=Q(
                    customer_type="GOVERNMENT_ENTITY", entity_type="government_body"
                )
                | ~Q(customer_type="GOVERNMENT_ENTITY")
                & ~Q(entity_type="government_body"),
            ),
            models.CheckConstraint(
                name="customer_verified_has_time",
                condition=~Q(kyc_status="verified") | Q(verified_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "-registered_at", "-id"], name="customer_list"
            ),
            # Lists by one of these come in the order of the list, however rare it is;
            # what it is combined with stands beside it, so that counting reads no row.
            *(
                models.Index(
                    fields=["tenant", column, "-registered_at", "-id"],
                    include=[other for other in FILTERED if other != column],
                    name=f"customer_list_{column.removeprefix('customer_')}",
                )
                for column in FILTERED[:3]
            ),
            models.Index(fields=["tenant", "name_normalized"], name="customer_name"),
            models.Index(fields=["kyc_expires_on"], name="customer_kyc_expiry"),
            # The unique ones are of the living alone; a search finds the others too.
            models.Index(fields=["tenant", "email"], name="customer_email"),
            models.Index(fields=["tenant", "phone"], name="customer_phone"),
            models.Index(fields=["tenant", "id_number_index"], name="customer_id_no"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.public_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_normalized = normalize_name(self.name)[:200]
        self.id_number_index = index_in(self.details)
        self.row_version += 1
        super().save(*args, **kwargs)

    # --- what is true of this row alone ------------------------------------------
    @property
    def is_individual(self) -> bool:
        return self.customer_type == CustomerType.INDIVIDUAL

    @property
    def login_name(self) -> str:
        """E-mail, or else phone: what the customer signs in with."""
        return self.email or self.phone

    @property
    def pack_form(self) -> PackEntityType:
        return load_packs()[self.tenant.pack].entity_types[self.entity_type]

    @property
    def unanswered(self) -> list[str]:
        """Labels of what the pack requires of everybody and our file does not say."""
        asked = [field for field in self.pack_form.fields if field.required]
        return [field.label for field in asked if not self.details.get(field.key)]

    def is_kyc_expired(self, today: date) -> bool:
        return bool(self.kyc_expires_on and self.kyc_expires_on <= today)

    # --- relationship --------------------------------------------------------------
    @transition(Status.ACTIVE, to=Status.SUSPENDED)
    def suspend(self, reason: SuspensionReason, at: datetime) -> CustomerSuspended:
        """Stop operations until due diligence is complete."""
        self.status_reason, self.status_changed_at = reason, at
        return CustomerSuspended(customer_id=str(self.pk), reason=reason)

    @transition(Status.SUSPENDED, to=Status.ACTIVE)
    def reinstate(self, at: datetime) -> CustomerReinstated:
        """Let operations go on."""
        self.status_reason, self.status_changed_at = "", at
        return CustomerReinstated(customer_id=str(self.pk))

    @transition(Status.ACTIVE, Status.SUSPENDED, to=Status.ARCHIVED)
    def decline(self, reason: DeclineReason, at: datetime) -> CustomerArchived:
        """Turn away an applicant who was never verified."""
        if self.kyc_status == KycStatus.VERIFIED:
            raise IllegalTransitionError(
                f"Cannot decline: {self} is verified; end the relationship instead."
            )
        self.kyc_status = KycStatus.REJECTED
        self.status_reason, self.status_changed_at = reason, at
        return CustomerArchived(customer_id=str(self.pk), reason=reason)

    @transition(Status.ACTIVE, Status.SUSPENDED, to=Status.OFFBOARDED)
    def offboard(self, reason: str, at: datetime) -> CustomerOffboarded:
        """End the relationship."""
        self.offboard_reason, self.offboarded_at = reason, at
        self.status_reason, self.status_changed_at = reason, at
        return CustomerOffboarded(customer_id=str(self.pk))

    @transition(Status.OFFBOARDED, to=Status.ARCHIVED)
    def archive(self, at: datetime) -> CustomerArchived:
        """Put the file away: accounts are closed and the letter is recorded."""
        self.status_changed_at = at
        return CustomerArchived(customer_id=str(self.pk), reason="offboarded")

    # --- KYC: a one-way gate, verified stays verified ------------------------------
    @transition(KycStatus.PENDING, to=KycStatus.VERIFIED, field="kyc_status")
    def verify(
        self, level: KycLevel, at: datetime, expires_on: date
    ) -> CustomerVerified:
        """Accept that they are who they say."""
        if self.status not in LIVING:
            raise IllegalTransitionError(f"Cannot verify: {self} is {self.status}.")
        self.kyc_level, self.verified_at, self.last_activity_at = level, at, at
        self.kyc_expires_on = expires_on
        return CustomerVerified(customer_id=str(self.pk), kyc_level=level)

    @transition(KycStatus.VERIFIED, to=KycStatus.VERIFIED, field="kyc_status")
    def renew_kyc(self, expires_on: date) -> KycRenewed:
        """Start a new term of validity."""
        if self.status not in LIVING:
            raise IllegalTransitionError(f"Cannot renew KYC: {self} is {self.status}.")
        self.kyc_expires_on = expires_on
        return KycRenewed(customer_id=str(self.pk), expires_on=expires_on.isoformat())

    @transition(KycStatus.PENDING, to=KycStatus.REJECTED, field="kyc_status")
    def reject_kyc(self) -> KycRejected:
        """Refuse the identity offered."""
        return KycRejected(customer_id=str(self.pk))

    @transition(KycStatus.REJECTED, to=KycStatus.PENDING, field="kyc_status")
    def reopen_kyc(self) -> KycReopened:
        """Allow a new attempt."""
        if self.status not in LIVING:
            raise IllegalTransitionError(f"Cannot reopen KYC: {self} is {self.status}.")
        return KycReopened(customer_id=str(self.pk))

    # --- activity ------------------------------------------------------------------
    @transition(
        Activity.INACTIVE, Activity.SUSPENDED, to=Activity.ACTIVE, field="activity"
    )
    def become_active(self) -> ActivityChanged:
        """Take part again after an operation or verification."""
        return ActivityChanged(customer_id=str(self.pk), activity=Activity.ACTIVE)

    @transition(Activity.ACTIVE, to=Activity.INACTIVE, field="activity")
    def become_inactive(self) -> ActivityChanged:
        """Count as inactive after the tenant's days without activity."""
        return ActivityChanged(customer_id=str(self.pk), activity=Activity.INACTIVE)
