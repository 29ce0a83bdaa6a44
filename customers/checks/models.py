"""One question to the outside about a customer, and what came of it."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.encryption import EncryptedJSONField, EncryptedTextField
from common.lifecycle import transition
from customers.checks import events
from customers.checks.choices import OPEN, VIEW_BUREAU, Kind, Result, Status
from customers.contacts.models import Address
from customers.registry.models import Customer
from events.events import Event
from tenants.models import TenantOwned, TenantQuerySet

LONGEST_REFERENCE = 120  # characters
Fact = Callable[..., Event]


class OutsideCheckQuerySet(TenantQuerySet):
    def for_user(self, user: Any) -> Self:
        """Those of the user's institution that this user may know of."""
        mine = super().for_user(user)
        if getattr(user, "has_perm", None) and user.has_perm(VIEW_BUREAU):
            return mine
        return mine.exclude(kind=Kind.BUREAU)

    def waiting(self) -> Self:
        """Those that somebody or something has still to answer."""
        return self.filter(status__in=OPEN)

    def answered(self) -> Self:
        return self.filter(status=Status.ANSWERED)

    def in_force(self, today: date) -> Self:
        """Answers that may still be relied on."""
        return self.answered().filter(valid_until__gte=today)


class OutsideCheck(TenantOwned):
    """Asked about one customer; the answer holds for twelve months."""

    kind = models.CharField(max_length=10, choices=Kind)
    # Without a way back: a list of customers could be filtered by it.
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=Status, default=Status.ASKED)
    # "manual", or the dotted path of the class that was asked.
    gateway = models.CharField(max_length=200)
    # Which of the contacts it is about; none: the address of the pack's form.
    address = models.ForeignKey(
        Address, null=True, on_delete=models.PROTECT, related_name="+"
    )
    # What was told to whoever was asked, as it was that day: name, address, …
    subject = EncryptedJSONField("told", default=dict)
    asked_at = models.DateTimeField("asked")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    reference = models.CharField(max_length=LONGEST_REFERENCE, blank=True)
    result = models.CharField(max_length=14, choices=Result, blank=True)
    note = EncryptedTextField("note for staff", blank=True, default="")
    answered_at = models.DateTimeField("answered", null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    valid_until = models.DateField("valid until", null=True)

    objects = OutsideCheckQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        permissions = [
            ("check_address", "Can ask for an address check and record its answer"),
            ("check_bureau", "Can ask the credit bureau and record its answer"),
            ("view_bureau", "Can view what the credit bureau was asked and said"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "kind"],
                condition=Q(status__in=["asked", "failed"]),
                name="outside_check_open_once",
            ),
            models.CheckConstraint(
                name="outside_check_answered_in_full",
                condition=Q(
                    status="answered",
                    answered_at__isnull=False,
                    answered_by__isnull=False,
                    valid_until__isnull=False,
                )
                & ~Q(result="")
                | ~Q(status="answered") & Q(result=""),
            ),
            models.CheckConstraint(
                name="outside_check_result_of_kind",
                condition=Q(result="")
                | Q(kind="bureau", result__in=["clear", "adverse", "no_file"])
                | Q(
                    kind="address",
                    result__in=["confirmed", "not_confirmed", "unclear"],
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "asked_at", "id"],
                condition=Q(status__in=["asked", "failed"]),
                name="outside_check_waiting",
            ),
            models.Index(
                fields=["tenant", "-asked_at", "-id"], name="outside_check_list"
            ),
            models.Index(
                fields=["customer", "-asked_at", "-id"], name="outside_check_customer"
            ),
        ]

    _ASKED: ClassVar[dict[str, Fact]] = {
        Kind.ADDRESS: events.AddressCheckAsked,
        Kind.BUREAU: events.BureauCheckAsked,
    }
    _ANSWERED: ClassVar[dict[str, Fact]] = {
        Kind.ADDRESS: events.AddressCheckAnswered,
        Kind.BUREAU: events.BureauCheckAnswered,
    }
    _FAILED: ClassVar[dict[str, Fact]] = {
        Kind.ADDRESS: events.AddressCheckFailed,
        Kind.BUREAU: events.BureauCheckFailed,
    }
    _WITHDRAWN: ClassVar[dict[str, Fact]] = {
        Kind.ADDRESS: events.AddressCheckWithdrawn,
        Kind.BUREAU: events.BureauCheckWithdrawn,
    }

    def __str__(self) -> str:
        return f"{self.get_kind_display()} check of {self.customer}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def place(self) -> str:
        """The address it was asked about, as it was that day."""
        return str(self.subject.get("address", ""))

    @property
    def is_of_today(self) -> bool:
        """Whether the address it was asked about is still the one on file."""
        if self.address is None:
            return self.place == str(self.customer.details.get("address") or "")
        return self.address.removed_at is None and self.place == self.address.shown

    def _told(self) -> dict[str, str]:
        return {"customer_id": str(self.customer_id), "check_id": str(self.pk)}

    def asked(self) -> Event:
        """The fact that it begins with."""
        return self._ASKED[self.kind](**self._told())

    @transition(Status.ASKED, Status.FAILED, to=Status.ANSWERED)
    def answer(self, result: Result, at: datetime, until: date) -> Event:
        """Keep what was found out."""
        self.result, self.answered_at, self.valid_until = result, at, until
        return self._ANSWERED[self.kind](**self._told(), result=result)

    @transition(Status.ASKED, to=Status.FAILED)
    def fail(self) -> Event:
        """Whoever was asked will not answer."""
        return self._FAILED[self.kind](**self._told())

    @transition(Status.ASKED, Status.FAILED, to=Status.WITHDRAWN)
    def withdraw(self) -> Event:
        """Nobody needs to know any more."""
        return self._WITHDRAWN[self.kind](**self._told())
