"""Linking, verifying by a document, refusing, making primary, removing."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from common.errors import DomainError, IllegalTransitionError, NotForYouError
from customers.registry.choices import DeclineReason
from customers.registry.models import Customer
from customers.registry.services import decline_customer
from deposits.linked.choices import NameMatch, RefusalReason, Way
from deposits.linked.services import (
    READ,
    link_account,
    make_primary,
    refuse_linked_account,
    remove_linked_account,
    send_test_amount,
    verify_by_document,
)
from deposits.models import LinkedAccount, ProofAmount
from documents.choices import Kind
from documents.models import Document
from documents.services import archive_document
from events.models import RecordedEvent
from tenants.models import Tenant, User
from tenants.services import change_policy
from tests.conftest import MakeCustomer, MakeStaff, race
from tests.deposits.linking import (
    IBAN,
    OTHER_IBAN,
    a_link,
    accepted_proof,
    by_paper,
    linked,
    verified,
)

pytestmark = pytest.mark.django_db
S = LinkedAccount.Status


def again(row: LinkedAccount) -> LinkedAccount:
    row.refresh_from_db()
    return row


def facts(customer: Customer) -> list[str]:
    rows = RecordedEvent.objects.filter(subject_id=str(customer.pk))
    return [r.type for r in rows.order_by("created_at") if "Linked" in r.type]


# --- linking ------------------------------------------------------------------------
def test_link(ama: Customer, clerk: User) -> None:
    row = linked(ama, clerk, number="gb82 west 1234 5698 7654 32")
    assert (row.number, row.last_four, row.status) == (IBAN, "5432", S.UNVERIFIED)
    assert str(row) == "West Bank ••••5432"
    assert row.history.get().history_user == clerk
    assert facts(ama) == ["LinkedAccountAdded"]
    event = RecordedEvent.objects.get(type="LinkedAccountAdded")
    assert IBAN not in str(event.payload) + event.reason
    assert "5432" not in str(event.payload)


def test_the_database_holds_no_number(ama: Customer, clerk: User) -> None:
    row = linked(ama, clerk)
    for table in ("linkedaccount", "linkedaccountversion"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM deposits_{table}")  # noqa: S608
            stored = str(cursor.fetchall())
        assert IBAN not in stored
        assert IBAN[4:] not in stored
        assert row.number_index in stored


def test_the_same_form_twice_links_once(ama: Customer, clerk: User) -> None:
    asked = a_link(ama, id=uuid4())
    assert link_account(ama.pk, asked, by=clerk) == link_account(
        ama.pk, asked, by=clerk
    )
    assert facts(ama) == ["LinkedAccountAdded"]


def test_a_form_of_another_customer(ama: Customer, kofi: Customer, clerk: User) -> None:
    asked = a_link(ama, id=uuid4())
    link_account(ama.pk, asked, by=clerk)
    with pytest.raises(DomainError, match="begin anew"):
        link_account(kofi.pk, asked, by=clerk)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "card"}, "kind"),
        ({"institution": " \u200b"}, "institution"),
        ({"institution": "–"}, "institution"),
        ({"institution": "x" * 121}, "institution"),
        ({"institution": "x" * 10_000}, "institution"),
        ({"holder_name": ""}, "holder_name"),
        ({"holder_name": "x" * 201}, "holder_name"),
        ({"country": "Ghana"}, "country"),
        ({"country": "", "number": "12345678"}, "country"),
        ({"number": "GB82WEST12345698765433"}, "number"),
        ({"kind": "wallet", "number": "0244123456"}, "number"),
    ],
)
def test_what_is_refused(
    said: dict[str, Any], field: str, ama: Customer, clerk: User
) -> None:
    with pytest.raises(DomainError) as caught:
        linked(ama, clerk, **said)
    assert caught.value.field == field
    assert not LinkedAccount.objects.exists()


def test_lines_and_hidden_signs_go(ama: Customer, clerk: User) -> None:
    row = linked(ama, clerk, institution="West\n\u202eBank ", holder_name="Ama\tM.")
    assert (row.institution, row.holder_name) == ("West Bank", "Ama M.")


def test_the_very_same_again_is_refused_until_it_is_gone(
    ama: Customer, clerk: User
) -> None:
    row = linked(ama, clerk)
    with pytest.raises(DomainError, match="has this account already"):
        linked(ama, clerk, number=IBAN.lower())
    with pytest.raises(DomainError, match="has this account already"):
        linked(ama, clerk, institution="The West Bank, by another name")
    remove_linked_account(row.pk, reason="Closed", by=clerk)
    linked(ama, clerk)


def test_a_number_of_one_bank_may_be_another_at_the_next(
    ama: Customer, clerk: User
) -> None:
    for institution in ("West Bank", "East Bank"):
        linked(ama, clerk, number="12345678", institution=institution)
    assert LinkedAccount.objects.living().count() == 2


@pytest.mark.parametrize(
    "said", [{}, {"kind": "wallet", "number": "+233244123456", "country": "GHA"}]
)
def test_the_database_knows_a_worldwide_number_once(
    said: dict[str, str], ama: Customer, clerk: User
) -> None:
    row = linked(ama, clerk, **said)
    row.pk, row.institution = uuid4(), "Another name of it"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save_as(clerk, "Past the command", force_insert=True)


def test_an_iban_says_its_country_itself(ama: Customer, clerk: User) -> None:
    assert linked(ama, clerk, country="").country == "GBR"
    assert linked(ama, clerk, number=OTHER_IBAN, country="DEU").country == "DEU"
    with pytest.raises(DomainError, match="IBAN is United Kingdom") as caught:
        linked(ama, clerk, country="GHA")
    assert caught.value.field == "country"


def test_so_many_and_no_more(ama: Customer, clerk: User) -> None:
    for place in range(20):
        linked(ama, clerk, number=f"1000{place:04}")
    with pytest.raises(DomainError, match="has 20 linked accounts already"):
        linked(ama, clerk, number="99999999")


def test_who_has_left_is_refused(ama: Customer, clerk: User, officer: User) -> None:
    row = linked(ama, clerk)
    decline_customer(ama.pk, reason=DeclineReason.CUSTOMER_WITHDREW, by=officer)
    attempts: list[Callable[[], Any]] = [
        lambda: linked(ama, clerk, number=OTHER_IBAN),
        lambda: verify_by_document(
            row.pk, document_id=uuid4(), shows_both=True, by=officer
        ),
        lambda: send_test_amount(row.pk, by=officer),
        lambda: refuse_linked_account(row.pk, reason="not_proven", by=officer),
        lambda: make_primary(row.pk, by=clerk),
        lambda: remove_linked_account(row.pk, reason="x", by=clerk),
    ]
    for attempt in attempts:
        with pytest.raises(DomainError, match="is archived") as caught:
            attempt()
        assert caught.value.code == "CUSTOMER_INACTIVE"


# --- by a document ------------------------------------------------------------------
def test_verify_by_a_document(ama: Customer, clerk: User, officer: User) -> None:
    row = linked(ama, clerk, holder_name="MENSAH Ama")
    proof = accepted_proof(ama, clerk, officer)
    send_test_amount(row.pk, by=officer)
    assert verify_by_document(row.pk, document_id=proof.pk, shows_both=True, by=officer)
    again(row)
    assert (row.status, row.way, row.name_match) == (
        S.VERIFIED, Way.DOCUMENT, NameMatch.CLOSE,
    )  # fmt: skip
    assert (row.proof, row.decided_by) == (proof, officer)
    assert row.history.first().history_change_reason == READ
    assert not ProofAmount.objects.open().exists()
    assert not verify_by_document(
        row.pk, document_id=proof.pk, shows_both=True, by=officer
    )
    assert facts(ama) == ["LinkedAccountAdded", "LinkedAccountVerified"]


def test_who_linked_it_may_not_verify_it(ama: Customer, officer: User) -> None:
    row = linked(ama, officer)
    with pytest.raises(NotForYouError, match="You added it"):
        verify_by_document(row.pk, document_id=uuid4(), shows_both=True, by=officer)
    assert again(row).status == S.UNVERIFIED


def test_in_single_employee_mode_it_is_recorded(
    ama: Customer, clerk: User, officer: User, demo_bank: Tenant
) -> None:
    change_policy(demo_bank.pk, by=officer, reason="Alone", is_single_employee=True)
    row = linked(ama, officer)
    proof = accepted_proof(ama, clerk, officer)
    verify_by_document(row.pk, document_id=proof.pk, shows_both=True, by=officer)
    said = again(row).history.first().history_change_reason
    assert said == f"{READ} (single-employee mode: by who added it)"


def test_another_holder_is_refused(ama: Customer, clerk: User, officer: User) -> None:
    row = linked(ama, clerk, holder_name="Kofi Boateng")
    proof = accepted_proof(ama, clerk, officer)
    with pytest.raises(DomainError, match="not the customer’s name") as caught:
        verify_by_document(row.pk, document_id=proof.pk, shows_both=True, by=officer)
    assert caught.value.code == "NAME_DIFFERS"


def test_a_paper_that_proves_nothing(
    ama: Customer, kofi: Customer, clerk: User, officer: User
) -> None:
    row = linked(ama, clerk)
    put_away = accepted_proof(ama, clerk, officer)
    archive_document(put_away.pk, reason="Old", by=officer)
    another = accepted_proof(kofi, clerk, officer)
    for document in (put_away.pk, another.pk, uuid4()):
        with pytest.raises(DomainError, match="proves no account") as caught:
            verify_by_document(
                row.pk, document_id=document, shows_both=True, by=officer
            )
        assert caught.value.code == "NO_PROOF"


def test_an_identity_document_proves_no_account(
    ama: Customer, clerk: User, officer: User
) -> None:
    row = linked(ama, clerk)
    passport = accepted_proof(ama, clerk, officer)
    Document.objects.filter(pk=passport.pk).update(kind=Kind.ID)
    with pytest.raises(DomainError, match="proves no account"):
        by_paper(row, passport, officer)
    assert again(row).status == S.UNVERIFIED


def test_the_officer_says_what_stands_on_the_paper(
    ama: Customer, clerk: User, officer: User
) -> None:
    row, proof = linked(ama, clerk), accepted_proof(ama, clerk, officer)
    with pytest.raises(DomainError, match="must stand on the paper") as caught:
        verify_by_document(row.pk, document_id=proof.pk, shows_both=False, by=officer)
    assert (caught.value.code, caught.value.field) == ("NO_PROOF", "shows_both")
    assert again(row).status == S.UNVERIFIED


# --- refusing, removing, primary ----------------------------------------------------
def test_refuse(ama: Customer, clerk: User, officer: User) -> None:
    row = linked(ama, clerk)
    send_test_amount(row.pk, by=officer)
    with pytest.raises(DomainError, match="Choose a reason"):
        refuse_linked_account(row.pk, reason="a feeling", by=officer)
    reason = RefusalReason.NAME_DIFFERS
    assert refuse_linked_account(row.pk, reason=reason, by=officer)
    assert not refuse_linked_account(row.pk, reason=reason, by=officer)
    assert (again(row).status, row.refusal) == (S.REFUSED, reason)
    assert not ProofAmount.objects.open().exists()
    proof = accepted_proof(ama, clerk, officer)
    with pytest.raises(IllegalTransitionError):
        verify_by_document(row.pk, document_id=proof.pk, shows_both=True, by=officer)
    event = RecordedEvent.objects.get(type="LinkedAccountRefused").as_event()
    assert event and event.words() == (
        "Linked account refused", "the holder is somebody else",
    )  # fmt: skip


def test_the_primary_one_is_verified_and_one(
    ama: Customer, clerk: User, officer: User
) -> None:
    first = verified(ama, clerk, officer)
    second = verified(ama, clerk, officer, number=OTHER_IBAN)
    third = linked(ama, clerk, number="12345678")
    assert make_primary(first.pk, by=clerk)
    assert not make_primary(first.pk, by=clerk)
    assert make_primary(second.pk, by=clerk)
    assert (again(first).is_primary, again(second).is_primary) == (False, True)
    assert first.history.first().history_change_reason == (
        "West Bank ••••3000 is primary now"
    )
    with pytest.raises(DomainError, match="is not verified"):
        make_primary(third.pk, by=clerk)
    assert again(second).is_primary


def test_removing_the_primary_one_leaves_none(
    ama: Customer, clerk: User, officer: User
) -> None:
    row = verified(ama, clerk, officer)
    make_primary(row.pk, by=clerk)
    with pytest.raises(DomainError, match="Say why"):
        remove_linked_account(row.pk, reason=" \u200b", by=clerk)
    assert remove_linked_account(row.pk, reason="Closed", by=clerk)
    assert (again(row).status, row.is_primary) == (S.REMOVED, False)
    assert not remove_linked_account(row.pk, reason="Closed", by=clerk)
    with pytest.raises(DomainError, match="is removed"):
        make_primary(row.pk, by=clerk)


def test_the_database_refuses_what_no_command_does(
    ama: Customer, clerk: User, officer: User
) -> None:
    first = verified(ama, clerk, officer)
    second = verified(ama, clerk, officer, number=OTHER_IBAN)
    make_primary(first.pk, by=clerk)
    rows = LinkedAccount.objects.filter(pk=second.pk)
    spoilt: list[dict[str, Any]] = [
        {"is_primary": True},
        {"status": S.REFUSED, "refusal": ""},
        {"way": ""},
        {"number_index": first.number_index},
    ]
    for values in spoilt:
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        LinkedAccount.objects.filter(pk=first.pk).update(status=S.UNVERIFIED)


VERBS: dict[
    str, tuple[LinkedAccount.Status, set[LinkedAccount.Status], tuple[Any, ...]]
]
VERBS = {
    "verify": (S.VERIFIED, {S.UNVERIFIED}, (Way.DOCUMENT, NameMatch.MATCH, None)),
    "refuse": (S.REFUSED, {S.UNVERIFIED}, (RefusalReason.NOT_PROVEN, None)),
    "remove": (S.REMOVED, {S.UNVERIFIED, S.VERIFIED, S.REFUSED}, ()),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("here", list(S))
def test_every_verb_from_every_status(verb: str, here: LinkedAccount.Status) -> None:
    to, sources, said = VERBS[verb]
    row = LinkedAccount(customer_id=uuid4(), kind="bank", status=here, last_four="1")
    if here in sources:
        assert getattr(row, verb)(*said)
        assert row.status == to
    elif here == to:
        assert getattr(row, verb)(*said) is None
    else:
        with pytest.raises(IllegalTransitionError):
            getattr(row, verb)(*said)
        assert row.status == here


@pytest.mark.django_db(transaction=True)
def test_two_at_once_link_once_and_make_one_primary(
    make_customer: MakeCustomer, make_staff: MakeStaff
) -> None:
    customer = make_customer()
    clerk, officer = make_staff("client_facing"), make_staff("compliance_officer")
    found = race(*(lambda: linked(customer, clerk) for _ in range(2)))
    assert sorted(type(each).__name__ for each in found) == [
        "DomainError", "LinkedAccount",
    ]  # fmt: skip
    rows = [verified(customer, clerk, officer, number=n) for n in ("1234A", "1234B")]
    race(*(lambda row=row: make_primary(row.pk, by=clerk) for row in rows))
    assert LinkedAccount.objects.filter(is_primary=True).count() == 1
