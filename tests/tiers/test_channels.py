"""Every channel with every combination of evidence: tier, wishes, and the deadline."""

from itertools import chain, combinations
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone

from customers.registry.choices import Channel
from customers.registry.models import Customer
from customers.tiers.deadlines import deadline_of
from customers.tiers.models import EvidenceKind as Kind
from customers.tiers.panels import build_tier
from tenants.models import User
from tests.conftest import MakeCustomer, MakeStaff
from tests.tiers.conftest import Prove

pytestmark = pytest.mark.django_db

# §8: what each channel wants verified, and its days until KYC.
WANTED = {
    Channel.WEB: ({Kind.PHONE_VERIFIED, Kind.EMAIL_VERIFIED}, 0),
    Channel.MOBILE: ({Kind.PHONE_VERIFIED}, 7),
    Channel.USSD: ({Kind.PHONE_VERIFIED}, 30),
    Channel.AGENT: ({Kind.PHONE_VERIFIED}, 1),
}
KINDS = (
    Kind.PHONE_VERIFIED, Kind.EMAIL_VERIFIED, Kind.ID_DOCUMENT,
    Kind.ADDRESS_DOCUMENT, Kind.INCOME_PROOF,
)  # fmt: skip
EVERY_SET = list(
    chain.from_iterable(combinations(KINDS, size) for size in range(len(KINDS) + 1))
)
_ID = {Kind.ID_DOCUMENT, Kind.ADDRESS_DOCUMENT}


def expected_tier(held: set[Kind], *, is_verified: bool) -> int:
    """Until KYC nobody is above tier 1, whatever else is proven."""
    if not is_verified or not held >= _ID:
        return 1
    return 3 if Kind.INCOME_PROOF in held else 2


@pytest.mark.parametrize("is_verified", [False, True])
@pytest.mark.parametrize("channel", Channel)
def test_every_channel_with_every_evidence(
    make_customer: MakeCustomer, make_staff: MakeStaff, prove: Prove,
    channel: Channel, is_verified: bool,
) -> None:  # fmt: skip
    customer = make_customer(
        channel=channel, verified=is_verified,
        email="ama@mail.example", phone="+233244123456",
    )  # fmt: skip
    officer = make_staff("compliance_officer")
    if is_verified:
        prove(customer, Kind.KYC_VERIFIED)
    assert len(EVERY_SET) == 32
    for kinds in EVERY_SET:
        with transaction.atomic():
            prove(customer, *kinds)
            _check(customer, set(kinds), officer, is_verified=is_verified)
            transaction.set_rollback(True)


def _check(
    customer: Customer, held: set[Kind], officer: User, *, is_verified: bool
) -> None:
    wanted, days = WANTED[Channel(customer.channel)]
    assert customer.tier == expected_tier(held, is_verified=is_verified), held
    until = deadline_of(customer)
    assert (until is None) is is_verified
    if until:
        since = timezone.localdate(
            customer.registered_at, ZoneInfo(customer.tenant.time_zone)
        )
        assert (until - since).days == days
    view = build_tier(customer, officer)
    missing = {row["title"] for row in view.rows if "verb" in row}
    for kind in (Kind.PHONE_VERIFIED, Kind.EMAIL_VERIFIED):
        is_asked = str(kind.label) in missing
        is_of_tier = kind == Kind.PHONE_VERIFIED and customer.tier == 1
        assert is_asked is (kind not in held and (kind in wanted or is_of_tier))
