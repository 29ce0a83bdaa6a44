"""Every change leaves a version: what, who and why."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps

from common.errors import DomainError
from customers.registry.models import (
    Consent,
    Customer,
    DeclineReason,
    KycLevel,
    SuspensionReason,
    Task,
    TaskKind,
)
from customers.registry.services import (
    activate_customer,
    decline_customer,
    record_activity,
    register_customer,
    reinstate_customer,
    reject_kyc,
    reopen_kyc,
    suspend_customer,
    update_customer,
    verify_customer,
)
from customers.registry.tasks_of_staff import close_task, open_task
from events.models import RecordedEvent
from tenants.models import MissingActorError, Tenant, TenantOwned, User, Versioned
from tests.conftest import MakeCustomer, MakeStaff, a_registration

Deed = Callable[[Customer, User], Any]

# What is done to a verified or to a new customer, and the reason that must be kept.
TO_THE_VERIFIED: dict[str, tuple[Deed, str]] = {
    "update": (
        lambda c, by: update_customer(
            c.pk, changes={"category": "retail"}, by=by, reason="Promoted"
        ),
        "Promoted",
    ),
    "suspend": (
        lambda c, by: suspend_customer(
            c.pk, reason=SuspensionReason.DUE_DILIGENCE, by=by
        ),
        "due diligence is pending",
    ),
    "renew": (
        lambda c, by: verify_customer(
            c.pk, level=KycLevel.BASIC, by=by, reason="Renewed"
        ),
        "Renewed",
    ),
    "record activity": (
        lambda c, by: record_activity(c.pk, by=by, reason="Came by"),
        "Came by",
    ),
    "activate": (
        lambda c, by: activate_customer(c.pk, by=by, reason="Provisioned"),
        "Provisioned",
    ),
}
TO_THE_NEW: dict[str, tuple[Deed, str]] = {
    "verify": (
        lambda c, by: verify_customer(
            c.pk, level=KycLevel.BASIC, by=by, reason="Papers fine"
        ),
        "Papers fine",
    ),
    "reject": (
        lambda c, by: reject_kyc(c.pk, by=by, reason="Papers false"),
        "Papers false",
    ),
    "decline": (
        lambda c, by: decline_customer(c.pk, reason=DeclineReason.NOT_ELIGIBLE, by=by),
        "not eligible for our services",
    ),
}


@pytest.mark.parametrize("deed", [*TO_THE_VERIFIED, *TO_THE_NEW])
def test_each_deed_keeps_who_and_why(
    make_customer: MakeCustomer, make_staff: MakeStaff, deed: str
) -> None:
    officer = make_staff("compliance_officer")
    customer = make_customer(verified=deed in TO_THE_VERIFIED)
    versions = customer.history.count()
    act, reason = {**TO_THE_VERIFIED, **TO_THE_NEW}[deed]
    act(customer, officer)
    assert customer.history.count() == versions + 1
    version = customer.history.first()
    assert (version.history_user, version.history_change_reason) == (officer, reason)
    assert version.history_type == "~"
    newest = RecordedEvent.objects.order_by("created_at", "id").last()
    assert newest is not None
    assert (newest.actor, newest.reason) == (officer, reason)


def test_the_whole_life_reads_as_a_list_of_deeds(
    demo_bank: Tenant, make_staff: MakeStaff
) -> None:
    clerk, officer = make_staff("client_facing"), make_staff("compliance_officer")
    customer = register_customer(a_registration(), tenant=demo_bank, by=clerk)
    because: dict[str, Any] = {"by": officer, "reason": "Papers"}
    reject_kyc(customer.pk, **because)
    reopen_kyc(customer.pk, **because)
    verify_customer(customer.pk, level=KycLevel.BASIC, **because)
    suspend_customer(customer.pk, reason=SuspensionReason.KYC_EXPIRED, by=officer)
    reinstate_customer(customer.pk, reason="Renewed", by=officer)
    life = customer.history.order_by("history_id").values_list(
        "history_user__name", "history_change_reason", "status", "kyc_status"
    )
    assert list(life) == [
        (clerk.name, "Registered", "active", "pending"),
        (officer.name, "Papers", "active", "rejected"),
        (officer.name, "Papers", "active", "pending"),
        (officer.name, "Papers", "active", "verified"),
        (officer.name, "KYC expired", "suspended", "verified"),
        (officer.name, "Renewed", "active", "verified"),
    ]
    rows = customer.history.order_by("history_id")
    assert list(rows.values_list("row_version", flat=True)) == [1, 2, 3, 4, 5, 6]


def test_consents_and_tasks_have_versions_too(
    make_customer: MakeCustomer, make_staff: MakeStaff
) -> None:
    clerk, officer = make_staff("client_facing"), make_staff("compliance_officer")
    customer = make_customer(by=clerk)
    consent = Consent.objects.get().history.get()
    assert consent.history_user == clerk
    assert consent.history_change_reason == "Terms accepted"
    task = open_task(customer, TaskKind.ESCALATION, reason="adverse", by=clerk)
    close_task(task.pk, outcome="Harmless", by=officer)
    closed, opened = Task.objects.get().history.all()
    assert (opened.history_user, opened.status) == (clerk, "open")
    assert (closed.history_user, closed.history_change_reason) == (officer, "Harmless")


def test_a_refused_deed_leaves_no_version(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    make_customer()
    customer = make_customer()
    changes = {"name": "Other", "email": "customer1@mail.example"}
    with pytest.raises(DomainError):
        update_customer(customer.pk, changes=changes, by=setup_machine, reason="r")
    assert customer.history.count() == 1


def test_a_customer_is_never_saved_as_nobody(make_customer: MakeCustomer) -> None:
    customer = make_customer()
    with pytest.raises(MissingActorError, match=r"use save_as\(by, reason\)"):
        customer.save()
    with pytest.raises(MissingActorError):
        Customer.objects.create(tenant=customer.tenant, name="Somebody")
    assert customer.history.count() == 1


def test_every_record_of_an_institution_has_versions_and_is_scoped() -> None:
    owned = [m for m in apps.get_models() if issubclass(m, TenantOwned)]
    assert Customer in owned
    for model in owned:
        assert issubclass(model, Versioned)
        assert hasattr(model, "history")
        scoped = getattr(model._default_manager, "for_user", None)
        assert scoped, f"{model.__name__} is not scoped"
