"""No sequence of commands leaves two primary accounts, or one that is not verified."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.errors import DomainError
from customers.registry.models import Customer
from deposits.linked.services import (
    link_account,
    make_primary,
    refuse_linked_account,
    remove_linked_account,
    verify_by_document,
)
from deposits.models import LinkedAccount
from documents.models import Document
from tenants.models import User
from tests.deposits.linking import a_link, accepted_proof, confirmed, sent

pytestmark = pytest.mark.django_db
COMMANDS = ("link", "document", "amount", "refuse", "primary", "remove")
STEPS = st.lists(
    st.tuples(st.sampled_from(COMMANDS), st.integers(0, 2)), min_size=1, max_size=14
)


class Bank:
    """Three accounts of one customer, and what people do to them."""

    def __init__(self, customer: Customer, clerk: User, officer: User) -> None:
        self.customer, self.clerk, self.officer = customer, clerk, officer
        self.proof: Document = accepted_proof(customer, clerk, officer)

    def row(self, place: int) -> LinkedAccount:
        """The newest of that place, linked when there is none."""
        mine = LinkedAccount.objects.filter(institution=f"Bank {place}")
        return mine.order_by("-id").first() or self.link(place)

    def link(self, place: int) -> LinkedAccount:
        asked = a_link(
            self.customer, number=f"{place}2345678", institution=f"Bank {place}"
        )
        return link_account(self.customer.pk, asked, by=self.clerk)

    def document(self, place: int) -> None:
        key, proof = self.row(place).pk, self.proof.pk
        verify_by_document(key, document_id=proof, shows_both=True, by=self.officer)

    def amount(self, place: int) -> None:
        row = self.row(place)
        confirmed(row, sent(row, self.clerk).amount, self.officer)

    def refuse(self, place: int) -> None:
        key = self.row(place).pk
        refuse_linked_account(key, reason="not_proven", by=self.officer)

    def primary(self, place: int) -> None:
        make_primary(self.row(place).pk, by=self.clerk)

    def remove(self, place: int) -> None:
        remove_linked_account(self.row(place).pk, reason="Closed", by=self.clerk)


@pytest.fixture
def bank(ama: Customer, clerk: User, officer: User) -> Bank:
    return Bank(ama, clerk, officer)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_at_most_one_primary_and_that_verified(
    bank: Bank, steps: list[tuple[str, int]]
) -> None:
    for command, place in steps:
        with suppress(DomainError):
            getattr(bank, command)(place)
        primary = LinkedAccount.objects.filter(is_primary=True)
        assert [row.status for row in primary] in ([], ["verified"])
        if command == "remove":
            assert not bank.row(place).is_primary
