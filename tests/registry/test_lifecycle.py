"""Three lifecycles that do not mix: every verb from every status."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import models

from common.errors import IllegalTransitionError
from common.lifecycle import Arrow
from customers.registry.models import (
    LIVING,
    Activity,
    Customer,
    DeclineReason,
    KycLevel,
    KycStatus,
    Status,
    SuspensionReason,
    Task,
)
from events.events import Event

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
UNTIL = date(2026, 3, 11)
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "suspend": (SuspensionReason.DUE_DILIGENCE, AT),
    "reinstate": (AT,),
    "decline": (DeclineReason.NOT_ELIGIBLE, AT),
    "offboard": ("customer_request", AT),
    "archive": (AT,),
    "verify": (KycLevel.BASIC, AT, UNTIL),
    "renew_kyc": (UNTIL,),
    "reject_kyc": (),
    "reopen_kyc": (),
    "become_active": (),
    "become_inactive": (),
    "close": ("Looked at it", AT),
}
# §2, said again: verb, field, from where, to where, and the news of it.
TABLE: dict[type[models.Model], dict[str, tuple[str, str, str, str]]] = {
    Customer: {
        "suspend": ("status", "active", "suspended", "CustomerSuspended"),
        "reinstate": ("status", "suspended", "active", "CustomerReinstated"),
        "decline": ("status", "active suspended", "archived", "CustomerArchived"),
        "offboard": ("status", "active suspended", "offboarded", "CustomerOffboarded"),
        "archive": ("status", "offboarded", "archived", "CustomerArchived"),
        "verify": ("kyc_status", "pending", "verified", "CustomerVerified"),
        "renew_kyc": ("kyc_status", "verified", "verified", "KycRenewed"),
        "reject_kyc": ("kyc_status", "pending", "rejected", "KycRejected"),
        "reopen_kyc": ("kyc_status", "rejected", "pending", "KycReopened"),
        "become_active": (
            "activity",
            "inactive suspended",
            "active",
            "ActivityChanged",
        ),
        "become_inactive": ("activity", "active", "inactive", "ActivityChanged"),
    },
    Task: {"close": ("status", "open", "done", "TaskClosed")},
}


def arrows(model: type[models.Model]) -> dict[str, Arrow]:
    members = {name: getattr(model, name, None) for name in dir(model)}
    return {
        name: arrow
        for name, member in members.items()
        if (arrow := getattr(member, "arrow", None))
    }


def statuses(model: type[models.Model], field: str) -> list[str]:
    column: Any = model._meta.get_field(field)
    return [value for value, _ in column.choices]


def row(model: type[models.Model], **columns: Any) -> models.Model:
    if model is Customer:
        columns = {"name": "Ama Mensah", "public_id": "1000-0048", **columns}
    else:
        columns = {"kind": "escalation", **columns}
    return model(**columns)


def verbs() -> list[tuple[type[models.Model], str, str]]:
    return [
        (model, verb, status)
        for model, lines in TABLE.items()
        for verb, (field, *_) in lines.items()
        for status in statuses(model, field)
    ]


@pytest.mark.parametrize("model", list(TABLE))
def test_the_arrows_are_those_of_the_domain(model: type[models.Model]) -> None:
    drawn = {
        verb: (arrow.field, {*arrow.sources}, arrow.to)
        for verb, arrow in arrows(model).items()
    }
    assert drawn == {
        verb: (field, {*sources.split()}, to)
        for verb, (field, sources, to, _) in TABLE[model].items()
    }


@pytest.mark.parametrize(("model", "verb", "status"), verbs())
def test_every_verb_from_every_status(
    model: type[models.Model], verb: str, status: str
) -> None:
    field, sources, to, news = TABLE[model][verb]
    start = row(model, **{field: status})
    move: Callable[..., Event | None] = getattr(start, verb)
    if status in sources.split():
        event = move(*ARGUMENTS[verb])
        assert type(event).__name__ == news
        assert getattr(start, field) == to
    elif status == to:
        assert move(*ARGUMENTS[verb]) is None, "asking twice is no error"
        assert getattr(start, field) == to
    else:
        before = {
            f.name: getattr(start, f.attname) for f in model._meta.concrete_fields
        }
        with pytest.raises(IllegalTransitionError, match=r"^Cannot "):
            move(*ARGUMENTS[verb])
        after = {f.name: getattr(start, f.attname) for f in model._meta.concrete_fields}
        assert after == before


@pytest.mark.parametrize(
    ("verb", "status"),
    [(v, s) for m, v, s in verbs() if m is Customer and TABLE[m][v][0] == "status"],
)
def test_the_relationship_never_moves_the_gate_of_kyc(verb: str, status: str) -> None:
    """Whatever happens to a verified customer, verified stays verified."""
    customer = row(Customer, status=status, kyc_status=KycStatus.VERIFIED)
    with suppress(IllegalTransitionError):
        getattr(customer, verb)(*ARGUMENTS[verb])
    assert isinstance(customer, Customer)
    assert customer.kyc_status == KycStatus.VERIFIED
    assert customer.activity == Activity.INACTIVE


def test_no_verb_leads_back_out_of_verified() -> None:
    out = {
        verb
        for verb, arrow in arrows(Customer).items()
        if arrow.field == "kyc_status"
        and KycStatus.VERIFIED in arrow.sources
        and arrow.to != KycStatus.VERIFIED
    }
    assert out == set()


@pytest.mark.parametrize("status", list(LIVING))
def test_a_verified_customer_cannot_be_declined(status: Status) -> None:
    customer = Customer(name="Ama", status=status, kyc_status=KycStatus.VERIFIED)
    with pytest.raises(IllegalTransitionError, match="end the relationship instead"):
        customer.decline(DeclineReason.CANNOT_VERIFY, AT)
    assert (customer.status, customer.kyc_status) == (status, KycStatus.VERIFIED)


@pytest.mark.parametrize("status", list(LIVING))
def test_a_declined_applicant_is_archived_and_rejected(status: Status) -> None:
    customer = Customer(name="Ama", status=status)
    assert customer.decline(DeclineReason.CANNOT_VERIFY, AT)
    assert (customer.status, customer.kyc_status) == ("archived", "rejected")
    assert customer.status_reason == DeclineReason.CANNOT_VERIFY


@pytest.mark.parametrize("status", [Status.OFFBOARDED, Status.ARCHIVED])
def test_who_is_gone_is_not_verified_any_more(status: Status) -> None:
    pending = Customer(name="Ama", status=status, kyc_status=KycStatus.PENDING)
    with pytest.raises(IllegalTransitionError, match=f"is {status}"):
        pending.verify(KycLevel.BASIC, AT, UNTIL)
    rejected = Customer(name="Ama", status=status, kyc_status=KycStatus.REJECTED)
    with pytest.raises(IllegalTransitionError, match=f"is {status}"):
        rejected.reopen_kyc()
    verified = Customer(name="Ama", status=status, kyc_status=KycStatus.VERIFIED)
    with pytest.raises(IllegalTransitionError, match=f"is {status}"):
        verified.renew_kyc(UNTIL)
    assert (pending.kyc_status, rejected.kyc_status) == ("pending", "rejected")


def test_verification_starts_the_clocks() -> None:
    customer = Customer(name="Ama")
    customer.verify(KycLevel.ADVANCED, AT, UNTIL)
    assert customer.kyc_level == KycLevel.ADVANCED
    assert customer.verified_at == customer.last_activity_at == AT
    assert customer.kyc_expires_on == UNTIL
    assert [customer.is_kyc_expired(AT.date().replace(day=d)) for d in (10, 11)] == [
        False,
        True,
    ]


def test_a_reason_lives_as_long_as_the_suspension() -> None:
    customer = Customer(name="Ama")
    customer.suspend(SuspensionReason.KYC_EXPIRED, AT)
    assert customer.status_reason == "kyc_expired"
    assert customer.suspend(SuspensionReason.DUE_DILIGENCE, AT) is None
    assert customer.status_reason == "kyc_expired", "the first reason stands"
    customer.reinstate(AT)
    assert customer.status_reason == ""


def test_a_refusal_is_one_plain_sentence() -> None:
    customer = Customer(name="Ama Mensah", public_id="1000-0048", status="archived")
    with pytest.raises(IllegalTransitionError) as refusal:
        customer.suspend(SuspensionReason.KYC_EXPIRED, AT)
    assert refusal.value.code == "ILLEGAL_TRANSITION"
    assert str(refusal.value) == (
        "Cannot suspend: customer Ama Mensah 1000-0048 has status “archived”."
    )
