"""What the next tier needs is part of the file: counted, listed once, with its verb."""

import pytest

from customers.registry.board import build_board
from customers.registry.commands.staging import stage_customer
from customers.registry.models import Customer
from customers.registry.profile.completeness import completeness
from customers.tiers.choices import EvidenceKind
from customers.tiers.services import record_evidence
from tenants.models import Tenant, User
from tests.conftest import MakeCustomer, MakeStaff, a_registration

pytestmark = pytest.mark.django_db
ID = EvidenceKind.ID_DOCUMENT


@pytest.fixture
def clerk(make_staff: MakeStaff) -> User:
    return make_staff("client_facing")


def titles(customer: Customer, user: User) -> list[str]:
    return [item.title for item in build_board(customer, user).missing]


def prove(customer: Customer, kind: EvidenceKind, by: User) -> None:
    record_evidence(customer.pk, kind, source="test", by=by, reason="Seen")
    customer.refresh_from_db()


def test_evidence_moves_the_figure_of_page_and_list_alike(
    make_customer: MakeCustomer, clerk: User, setup_machine: User
) -> None:
    customer = make_customer()
    before = completeness(customer)
    assert "id_document" in {item.field for item in before.missing}
    prove(customer, ID, setup_machine)
    after = completeness(customer)
    assert after.percent > before.percent
    assert "id_document" not in {item.field for item in after.missing}
    assert build_board(customer, clerk).completeness == after.percent


def test_a_registration_is_staged_with_the_figure_of_its_first_day(
    demo_bank: Tenant, clerk: User, make_customer: MakeCustomer
) -> None:
    asked = a_registration(77)
    staged = stage_customer(asked, tenant=demo_bank, by=clerk)
    assert staged.filled is not None
    assert staged.filled == completeness(make_customer(**vars(asked)))


def test_the_page_says_each_thing_once(
    make_customer: MakeCustomer, clerk: User
) -> None:
    said = titles(make_customer(), clerk)
    assert len(said) == len(set(said))
    # KYC and its documents are said by their own rooms.
    assert {"KYC", "Identity document", "Verified phone"} <= set(said)
    assert "Verified identity" not in said


def test_without_a_phone_only_the_phone_is_missing(
    make_customer: MakeCustomer, clerk: User
) -> None:
    said = titles(make_customer(phone=""), clerk)
    assert "Phone" in said
    assert "Verified phone" not in said


def test_the_row_leads_to_where_it_is_proven(
    make_customer: MakeCustomer, clerk: User, make_staff: MakeStaff
) -> None:
    customer = make_customer(verified=True)
    rows = {item.title: item for item in build_board(customer, clerk).missing}
    phone = rows["Verified phone"]
    assert (phone.note, bool(phone.verb), bool(phone.url)) == ("for tier 1", True, True)
    # Verified, so the room of documents asks for nothing more; the tier does.
    assert rows["Identity document"].note == "for tier 2"
    teller = build_board(customer, make_staff("teller"))
    verbs = [row.verb for row in teller.missing if row.title == "Verified phone"]
    assert verbs == [""]
