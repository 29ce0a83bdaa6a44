"""The columns of the list of customers: the usual, the further, and those of files."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.utils import timezone
from django.utils.safestring import SafeString

from common.face import day, label_html, two_lines
from common.lists.columns import Cells
from customers.registry import labels
from customers.registry.models import Customer


class CustomerColumns:
    """Each column of a page has its cells of a file, as the row holds them."""

    list_display = (
        "customer", "status_label", "kyc_label", "tier_name", "risk_label",
        "waits_for", "last_activity",
    )  # fmt: skip
    more_columns: ClassVar[tuple[str, ...]] = (
        "number", "legal_form", "type_of_customer", "channel_used", "activity_label",
        "registered", "verified", "kyc_expires", "category_said", "email_said",
        "phone_said",
    )  # fmt: skip
    # The rating is for those alone who may know of escalations.
    restricted_columns: ClassVar[Mapping[str, str]] = {
        "risk_label": "registry.view_task"
    }
    export_permission: ClassVar[str] = "exports.request_export"
    export_cells: ClassVar[Cells] = {
        "customer": (("Name", "name"), ("Number", "public_id"),
                     ("Legal form", "get_entity_type_display")),
        "status_label": (("Status", "get_status_display"),),
        "kyc_label": (("KYC", "get_kyc_status_display"),),
        "tier_name": (("Tier", "tier_words"),),
        "risk_label": (("Risk", "get_risk_display"),),
        "waits_for": (("Waits for", "waits_for"),),
        "last_activity": (("Last activity", "last_activity_at"),),
        "number": (("Number", "public_id"),),
        "legal_form": (("Legal form", "get_entity_type_display"),),
        "type_of_customer": (("Type", "get_customer_type_display"),),
        "channel_used": (("Channel", "get_channel_display"),),
        "activity_label": (("Activity", "get_activity_display"),),
        "registered": (("Registered", "registered_at"),),
        "verified": (("Verified", "verified_at"),),
        "kyc_expires": (("KYC expires", "kyc_expires_on"),),
        "category_said": (("Category", "category"),),
        "email_said": (("E-mail", "email"),),
        "phone_said": (("Phone", "phone"),),
    }  # fmt: skip

    @admin.display(description="Customer", ordering="name_normalized")
    def customer(self, row: Customer) -> SafeString:
        kind = row.get_entity_type_display().lower()
        return two_lines(row.name, f"{row.public_id}, {kind}")

    @admin.display(description="Status")
    def status_label(self, row: Customer) -> SafeString:
        return label_html(labels.status_label(row))

    @admin.display(description="KYC")
    def kyc_label(self, row: Customer) -> SafeString:
        return label_html(labels.kyc_label(row, timezone.localdate()))

    @admin.display(description="Tier")
    def tier_name(self, row: Any) -> str:
        return str(row.tier_words)

    @admin.display(description="Risk")
    def risk_label(self, row: Customer) -> SafeString:
        return label_html(labels.risk_label(row))

    @admin.display(description="Waits for")
    def waits_for(self, row: Any) -> str | None:
        found: str | None = row.waits_for
        return found

    @admin.display(description="Last activity")
    def last_activity(self, row: Customer) -> str | None:
        return day(row.last_activity_at) if row.last_activity_at else None

    # --- what staff may add --------------------------------------------------------
    @admin.display(description="Number")
    def number(self, row: Customer) -> str:
        return row.public_id

    @admin.display(description="Legal form")
    def legal_form(self, row: Customer) -> str:
        return row.get_entity_type_display()

    @admin.display(description="Type")
    def type_of_customer(self, row: Customer) -> str:
        return row.get_customer_type_display()

    @admin.display(description="Channel")
    def channel_used(self, row: Customer) -> str:
        return row.get_channel_display()

    @admin.display(description="Activity")
    def activity_label(self, row: Customer) -> SafeString:
        return label_html(labels.activity_label(row))

    @admin.display(description="Registered on")
    def registered(self, row: Customer) -> str:
        return day(row.registered_at)

    @admin.display(description="Verified on")
    def verified(self, row: Customer) -> str | None:
        return _day_of(row.verified_at)

    @admin.display(description="KYC expires on")
    def kyc_expires(self, row: Customer) -> str | None:
        return day(row.kyc_expires_on) if row.kyc_expires_on else None

    @admin.display(description="Category")
    def category_said(self, row: Customer) -> str | None:
        return row.category or None

    @admin.display(description="E-mail")
    def email_said(self, row: Customer) -> str | None:
        return row.email or None

    @admin.display(description="Phone")
    def phone_said(self, row: Customer) -> str | None:
        return row.phone or None


def _day_of(at: datetime | None) -> str | None:
    return day(at) if at else None
