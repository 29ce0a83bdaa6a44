"""Texts as tellers type them: who is found, by what, and in which order."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.contacts.models import Phone
from customers.contacts.services import remove_contact
from customers.registry.models import Customer
from customers.registry.search.finding import look, shortlist
from deposits.services import open_account
from tenants.models import Tenant, User
from tests.conftest import MakeCustomer, MakeStaff
from tests.deposits.linking import IBAN, linked
from tests.registry.search.conftest import SECOND_EMAIL, SECOND_PHONE, papers

MOST_QUERIES = 6


def found(text: str, by: User, most: int = 8) -> list[tuple[Customer, str]]:
    return shortlist(Customer.objects.for_user(by), text, by, most)


def names(text: str, by: User) -> list[str]:
    return [customer.name for customer, _ in found(text, by)]


@pytest.fixture
def teller(make_staff: MakeStaff) -> User:
    return make_staff("teller")


@pytest.mark.parametrize(
    ("text", "who", "why"),
    [
        # phones, every way of writing them, also those that are not the primary one
        ("+233244123456", "kwame", "phone"),
        ("+233 (0)24 412-3456", "kwame", "phone"),
        ("00233 24 412 3456", "kwame", "phone"),
        ("233244123456", "kwame", "phone"),
        ("024 412 3456", "kwame", "phone"),
        ("+233.24.412.3456", "kwame", "phone"),
        (SECOND_PHONE, "kwame", "phone"),
        ("020 765 4321", "kwame", "phone"),
        # e-mails
        ("KWAME@mail.example", "kwame", "e-mail"),
        (SECOND_EMAIL.upper(), "kwame", "e-mail"),
        # ID and registration numbers
        ("GHA-123456789-1", "kwame", "ID number"),
        (" gha 123 456 789 1 ", "kwame", "ID number"),
        ("gha1234567891", "kwame", "ID number"),
        ("pl77x9", "zoe", "ID number"),
        ("cs 0042 2019", "grain", "ID number"),
        # names
        ("kwame mensah", "kwame", "name"),
        ("zoe oconnor luczak", "zoe", "similar name"),
        ("O'CONNOR", "zoe", "name"),
        ("LUCZAK", "zoe", "name"),
        ("hakansson", "per", "name"),
        ("per olof hakansson", "per", "name"),
        ("olof", "per", "name"),
        ("hakanson", "per", "similar name"),
        ("håkasnson", "per", "similar name"),
        ("halcyon grain limited", "grain", "name"),
        ("halcoyn grain", "grain", "similar name"),
        ("grain halcion", "grain", "similar name"),
        ("kwmae mensah", "kwame", "similar name"),
        ("mensha kwame", "kwame", "similar name"),
    ],
)
def test_who_is_found_first_and_why(
    people: dict[str, Customer], teller: User, text: str, who: str, why: str
) -> None:
    first, reason = found(text, teller)[0]
    assert (first, reason) == (people[who], why)
    assert Customer.objects.for_user(teller).found_by(text, by=teller)[0] == first


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "%", "_", "\\", "'", '"', "\x00", "%%%", "\\%", "'; DROP TABLE x; --",
        "+233244123457", "nobody@mail.example", "GHA-123456789-2", "xqzvw", "1000-0049",
        "x" * 10_000, "9" * 10_000, "%_" * 5000, "\u202e\u200f", "🦊🦊", "@", "+",
        "0000000",
    ],
)  # fmt: skip
def test_what_finds_nobody(
    people: dict[str, Customer], teller: User, text: str
) -> None:
    assert found(text, teller) == []
    assert not Customer.objects.for_user(teller).found_by(text, by=teller).exists()


def test_signs_around_a_name_do_no_harm(
    people: dict[str, Customer], teller: User
) -> None:
    for text in ("kwa\x00me", "%kwame%", "kwame_", "\\kwame", "'kwame'"):
        assert names(text, teller) == ["Kwame Mensah"], text


@pytest.mark.parametrize("spoken", ["{}", "{} ", " {}"])
def test_a_public_id_is_read_with_and_without_its_hyphen(
    people: dict[str, Customer], teller: User, spoken: str
) -> None:
    number = people["per"].public_id
    for written in (number, number.replace("-", ""), number.replace("-", " ")):
        ((customer, why),) = found(spoken.format(written), teller)
        assert (customer, why) == (people["per"], "public id")


def test_a_contact_that_was_removed_finds_nobody(
    people: dict[str, Customer], teller: User, setup_machine: User
) -> None:
    row = Phone.objects.get(number=SECOND_PHONE)
    remove_contact("phone", row.pk, by=setup_machine, reason="Not theirs")
    assert found(SECOND_PHONE, teller) == []


def test_a_number_of_an_account(
    make_customer: MakeCustomer, people: dict[str, Customer], teller: User
) -> None:
    customer = make_customer(verified=True, name="Yaa Asantewaa")
    for _ in range(2):  # its number is nobody's public id
        account = open_account(customer.pk, by=teller)
    hits = dict(found(account.public_id, teller))
    assert hits[customer] == "account"


def test_a_linked_number_is_found_by_compliance_alone(
    people: dict[str, Customer], teller: User, make_staff: MakeStaff
) -> None:
    clerk, officer = make_staff("client_facing"), make_staff("compliance_officer")
    for who in ("kwame", "zoe"):
        linked(people[who], clerk)
    spaced = "gb82 west 1234 5698 7654 32"
    assert {why for _, why in found(spaced, officer)} == {"linked account"}
    assert len(found(spaced, officer)) == 2
    assert found(spaced, teller) == found(spaced, clerk) == []
    seen = Customer.objects.for_user(clerk)
    assert not seen.found_by(spaced, by=clerk).exists()
    assert not seen.found_by(spaced).exists()


def test_the_other_bank_is_not_found(
    people: dict[str, Customer], second_bank: Tenant, make_customer: MakeCustomer,
    make_staff: MakeStaff, teller: User, setup_machine: User,
) -> None:  # fmt: skip
    stranger = make_staff("compliance_officer", tenant=second_bank)
    texts = (
        "+233244123456", SECOND_PHONE, SECOND_EMAIL, "GHA-123456789-1", "kwame mensah",
        "kwmae", people["kwame"].public_id,
    )  # fmt: skip
    for text in texts:
        assert found(text, stranger) == []
        assert names(text, teller), text
    twin = make_customer(
        tenant=second_bank, name="Kwame Mensah", phone="+233244123456",
        email="kwame@mail.example", details=papers("GHA-123456789-1"),
    )  # fmt: skip
    for text in ("+233244123456", "GHA-123456789-1", "kwame mensah", "kwmae mensah"):
        assert [customer for customer, _ in found(text, stranger)] == [twin]


@pytest.mark.parametrize(
    ("phone", "typed"),
    [
        ("+233244123450", ["244123450", "24 412 3450", "tel:+233-24-412-3450",
                           "Tel. 0244 123450", "011233244123450", "Ph: 024 4123450",
                           "tel:+233244123450;phone-context=example",
                           "Ｔel：０２４４１２３４５０"]),
        ("+14155552671", ["(415) 555-2671", "4155552671", "1-415-555-2671",
                          "810 1 415 555 2671"]),
        ("+34912345678", ["912 345 678", "91 234 56 78"]),
        ("+48512345678", ["512 345 678", "512-345-678"]),
        ("+79161234567", ["8 916 123-45-67", "916 1234567", "8 (916) 123 45 67"]),
        ("+390612345678", ["06 1234 5678", "0612345678"]),
        ("+3612345678", ["06 1 234 5678", "1 234 5678"]),
    ],
)  # fmt: skip
def test_a_phone_as_it_is_said_at_home(
    phone: str, typed: list[str], make_customer: MakeCustomer, teller: User
) -> None:
    customer = make_customer(phone=phone)
    make_customer()
    for text in typed:
        assert found(text, teller) == [(customer, "phone")], text
    assert found(f"{typed[0]}9", teller) == []


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Kofi Mensah", ["Kofe Mensah", "Kufi Mensah", "mensah koif", "Koffi Mensah",
                         "Kof Mensah"]),
        ("Ama Owusu", ["Ana Owusu", "Amma Owusu", "Owusu Aam"]),
        ("Esi Badu", ["Esi Bado", "Isi Badu", "Esi Baddu"]),
        ("李小龙", ["小龙", "李小", "小龙 ", "李小龙"]),
        ("ヤマダ太郎", ["太郎", "マダ太"]),
        ("김민수", ["민수", "김민"]),
    ],
)  # fmt: skip
def test_short_words_and_scripts_without_spaces(
    name: str, typed: list[str], make_customer: MakeCustomer, teller: User
) -> None:
    make_customer(name="Yaw Boateng")
    make_customer(name="Abena Sarpong")
    customer = make_customer(name=name)
    for text in typed:
        assert [hit for hit, _ in found(text, teller)] == [customer], text
        listed = Customer.objects.for_user(teller).found_by(text, by=teller)
        assert list(listed) == [customer], text


@pytest.mark.parametrize("text", ["Ana", "Esa", "An Ow", "Kufo Mansah", "小", "龙小"])
def test_too_little_to_be_meant(
    text: str, make_customer: MakeCustomer, teller: User
) -> None:
    for name in ("Ama Owusu", "Esi Badu", "Kofi Mensah", "李大龙"):
        make_customer(name=name)
    assert found(text, teller) == []


def test_who_has_no_institution_finds_nobody(
    people: dict[str, Customer], teller: User
) -> None:
    teller.tenant = None
    teller.tenant_id = None
    assert found("kwame", teller) == found("+233244123456", teller) == []


@pytest.mark.parametrize(
    "text",
    ["10000048", "0244123456", "kwame mensah", "kwmae mensha", "abcd 12345678",
     "GHA-123456789-1", "kwame@mail.example", IBAN],
)  # fmt: skip
def test_a_search_asks_few_questions(
    people: dict[str, Customer], make_staff: MakeStaff, text: str
) -> None:
    officer = make_staff("compliance_officer")
    officer.has_perm("registry.view_task")  # its own questions are not the search's
    with CaptureQueriesContext(connection) as asked:
        found(text, officer)
    statements = [q["sql"] for q in asked if "SAVEPOINT" not in q["sql"]]
    assert len(statements) <= MOST_QUERIES, statements


def test_the_number_of_results_is_bounded(
    make_customer: MakeCustomer, teller: User
) -> None:
    for _ in range(10):
        make_customer()
    assert len(found("ama", teller)) == 8
    assert len(found("mensha", teller)) == 8
    assert len(Customer.objects.for_user(teller).found_by("ama", by=teller)) == 10


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_exact_hits_come_before_similar_ones(
    people: dict[str, Customer], teller: User, data: st.DataObject
) -> None:
    parts = [
        "kwame", "mensah", "mensha", "zoe", "hakanson", "olof", "grain", "halcyon",
        "+233244123456", "kwame@mail.example", "GHA-123456789-1", "S1234567", "1",
        people["per"].public_id,
    ]  # fmt: skip
    chosen = st.lists(st.sampled_from(parts), min_size=1, max_size=3)
    text = data.draw(chosen.map(" ".join) | st.text(max_size=12))
    ranks = {"name": 1, "similar name": 2}
    seen = found(text, teller)
    shown = [ranks.get(why, 0) for _, why in seen]
    assert shown == sorted(shown)
    assert len({customer.pk for customer, _ in seen}) == len(seen)
    customers = Customer.objects.for_user(teller)
    looked = look(customers, text, teller)
    listed = [row.pk for row in customers.found_by(text, by=teller)]
    exact = set(looked.exact) & set(listed)
    assert set(listed[: len(exact)]) == exact
    similar = [pk for pk in listed if looked.why(pk) == "similar name"]
    assert not exact & set(similar)
