"""Add, change, remove, make primary; and the customer's row in step with it all."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.errors import DomainError
from customers.contacts.models import MODELS, Address, Email, Phone, Preference
from customers.contacts.services import (
    MOST,
    add_contact,
    ask_verification,
    change_contact,
    confirm_email,
    follow_customer,
    make_primary,
    remove_contact,
    set_preference,
    verify_phone,
)
from customers.contacts.verification import link_token, make_secret
from customers.registry.choices import DeclineReason
from customers.registry.models import Customer, Task
from customers.registry.services import (
    decline_customer,
    register_customer,
    update_customer,
)
from events.models import RecordedEvent
from tenants.models import Tenant, User
from tenants.services import get_machine
from tests.conftest import Deliver, MakeCustomer, a_registration, race
from tests.contacts.conftest import ADDRESS, EMAIL, PHONE, email_of, phone_of

pytestmark = pytest.mark.django_db
PLACE = {"lines": "12 Ring Road", "town": "Accra", "country": "GHA"}


def _add(customer: Customer, kind: str, officer: User, **values: Any) -> Any:
    is_primary = values.pop("is_primary", False)
    return add_contact(customer.pk, kind, values, by=officer, is_primary=is_primary)


def _is_in_step(customer: Customer) -> bool:
    row = Customer.objects.get(pk=customer.pk)
    held = {}
    for kind in (PHONE, EMAIL):
        rows = MODELS[kind].objects.of_customer(customer.pk).filter(is_primary=True)
        assert len(rows) <= 1
        held[str(kind)] = rows[0].value if rows else ""
    return held == {"phone": row.phone, "email": row.email}


def _told(customer: Customer) -> list[str]:
    rows = RecordedEvent.objects.filter(subject_id=str(customer.pk))
    return list(rows.order_by("created_at", "id").values_list("type", flat=True))


def test_what_they_registered_with_is_listed(ama: Customer, deliver: Deliver) -> None:
    assert (phone_of(ama).number, email_of(ama).email) == (ama.phone, ama.email)
    follow_customer(ama.pk, by=get_machine("contacts"))
    assert Phone.objects.count() == Email.objects.count() == 1


def test_a_new_primary_changes_the_customer(ama: Customer, officer: User) -> None:
    second = _add(ama, PHONE, officer, number="+233 20 123 4567")
    assert (second.is_primary, _is_in_step(ama)) == (False, True)
    assert make_primary(PHONE, second.pk, by=officer, reason="Asked") is True
    assert make_primary(PHONE, second.pk, by=officer, reason="Asked") is False
    ama.refresh_from_db()
    assert (ama.phone, _is_in_step(ama)) == ("+233201234567", True)
    assert "CustomerUpdated" in _told(ama)


def test_the_first_of_a_kind_is_primary(
    make_customer: MakeCustomer, officer: User
) -> None:
    customer = make_customer(phone="")
    phone = _add(customer, PHONE, officer, number="+233201234567")
    phone.refresh_from_db()
    assert (phone.is_primary, _is_in_step(customer)) == (True, True)


def test_events_carry_no_values(ama: Customer, officer: User) -> None:
    _add(ama, EMAIL, officer, email="secret@mail.example")
    facts = RecordedEvent.objects.filter(type="ContactAdded")
    assert "secret" not in str(list(facts.values_list("payload", flat=True)))


def _turned_primary(customer: Customer) -> list[str]:
    """Whose turning primary was told, the earliest first."""
    rows = RecordedEvent.objects.filter(
        subject_id=str(customer.pk), type="ContactChanged"
    )
    told = rows.order_by("created_at", "id").values_list("payload", flat=True)
    return [each["contact_id"] for each in told if "is_primary" in each["fields"]]


def test_every_new_primary_is_told_once(ama: Customer, officer: User) -> None:
    first, second = phone_of(ama), _add(ama, PHONE, officer, number="+233201234567")
    assert _turned_primary(ama) == []
    make_primary(PHONE, second.pk, by=officer, reason="Asked")
    assert _turned_primary(ama) == [str(second.pk)]
    # Also where none was before: the details name a contact that is known.
    Phone.objects.filter(customer=ama).update(is_primary=False)
    update_customer(ama.pk, changes={"phone": first.number}, by=officer, reason="x")
    follow_customer(ama.pk, by=officer)
    assert _turned_primary(ama) == [str(second.pk), str(first.pk)]
    # And where the details lose theirs, which makes another one primary.
    third = _add(ama, PHONE, officer, number="+233201234568", is_primary=True)
    update_customer(ama.pk, changes={"phone": ""}, by=officer, reason="x")
    follow_customer(ama.pk, by=officer)
    now = phone_of(ama)
    assert now.pk != third.pk
    assert _turned_primary(ama)[2:] == [str(third.pk), str(now.pk)]


def test_the_first_of_a_kind_is_told_as_added_alone(
    ama: Customer, officer: User
) -> None:
    _add(ama, ADDRESS, officer, **PLACE)
    assert _turned_primary(ama) == []
    assert "ContactAdded" in _told(ama)


@pytest.mark.parametrize(
    ("kind", "values", "code"),
    [
        ("phone", {"number": "{phone}"}, "PHONE_ALREADY_REGISTERED"),
        ("email", {"email": "{email}"}, "DUPLICATE_CUSTOMER"),
    ],
)
def test_another_customers_primary_stays_theirs(
    ama: Customer, make_customer: MakeCustomer, officer: User,
    kind: str, values: dict[str, str], code: str,
) -> None:  # fmt: skip
    kofi = make_customer()
    shared = {
        k: v.format(phone=kofi.phone, email=kofi.email) for k, v in values.items()
    }
    second = _add(ama, kind, officer, **shared)  # to be reached there is allowed
    with pytest.raises(DomainError) as caught:
        make_primary(kind, second.pk, by=officer, reason="Asked")
    assert (caught.value.code, _is_in_step(ama)) == (code, True)


def test_another_number_must_be_proven_anew(ama: Customer, officer: User) -> None:
    phone = phone_of(ama)
    Phone.objects.filter(pk=phone.pk).update(verified_at="2026-01-01T00:00Z")
    held = {"number": phone.number, "type": "mobile", "operator": "mtn"}
    assert change_contact(PHONE, phone.pk, held, by=officer, reason="Typed") == [
        "operator", "type",
    ]  # fmt: skip
    assert phone_of(ama).verified_at
    asked = {**held, "number": "+233201234567"}
    change_contact(PHONE, phone.pk, asked, by=officer, reason="A new one")
    assert phone_of(ama).verified_at is None
    assert _is_in_step(ama)


def test_the_same_again_is_refused(ama: Customer, officer: User) -> None:
    with pytest.raises(DomainError, match="has this phone already"):
        _add(ama, PHONE, officer, number=ama.phone)
    _add(ama, ADDRESS, officer, **PLACE)
    with pytest.raises(DomainError, match="has this address already"):
        _add(ama, ADDRESS, officer, **PLACE)
    second = _add(ama, ADDRESS, officer, **PLACE | {"town": "Tema"})
    with pytest.raises(DomainError, match="has this address already"):
        change_contact(ADDRESS, second.pk, PLACE, by=officer, reason="Back")


def test_which_may_be_removed(ama: Customer, officer: User) -> None:
    second = _add(ama, EMAIL, officer, email="second@mail.example")
    with pytest.raises(DomainError, match="make another one primary first"):
        remove_contact(EMAIL, email_of(ama).pk, by=officer, reason="Gone")
    remove_contact(EMAIL, second.pk, by=officer, reason="Gone")
    with pytest.raises(DomainError, match="Web customers need an e-mail"):
        remove_contact(EMAIL, email_of(ama).pk, by=officer, reason="Gone")
    remove_contact(PHONE, phone_of(ama).pk, by=officer, reason="Gone")
    ama.refresh_from_db()
    assert (ama.phone, _is_in_step(ama)) == ("", True)
    with pytest.raises(DomainError, match="was removed meanwhile"):
        remove_contact(EMAIL, second.pk, by=officer, reason="Again")


def test_agents_customers_need_a_phone(
    make_customer: MakeCustomer, officer: User, deliver: Deliver
) -> None:
    customer = make_customer(channel="agent", email="")
    deliver()
    with pytest.raises(DomainError, match="Agent customers need a phone"):
        remove_contact(PHONE, phone_of(customer).pk, by=officer, reason="Gone")


def test_contacts_follow_the_edit_form(
    ama: Customer, officer: User, deliver: Deliver
) -> None:
    second = _add(ama, PHONE, officer, number="+233201234567")
    for phone in ("+233209999999", "+233201234567", ""):
        changes = {"phone": phone}
        update_customer(ama.pk, changes=changes, by=officer, reason="Edited")
        deliver()
        assert _is_in_step(ama)
    second.refresh_from_db()
    assert second.removed_at


def test_a_command_does_not_wait_for_the_worker(ama: Customer, officer: User) -> None:
    changes = {"email": "edited@mail.example"}
    update_customer(ama.pk, changes=changes, by=officer, reason="Edited")
    _add(ama, EMAIL, officer, email="second@mail.example")
    assert _is_in_step(ama)


def test_who_has_left_keeps_contacts_as_they_were(ama: Customer, officer: User) -> None:
    decline_customer(ama.pk, reason=DeclineReason.DUPLICATE, by=officer)
    with pytest.raises(DomainError, match="is archived"):
        _add(ama, PHONE, officer, number="+233201234567")


def test_there_is_an_end_to_adding(ama: Customer, officer: User) -> None:
    for number in range(MOST - 1):
        _add(ama, EMAIL, officer, email=f"one{number}@mail.example")
    with pytest.raises(DomainError, match="20 e-mails already"):
        _add(ama, EMAIL, officer, email="more@mail.example")


def test_a_move_abroad_of_the_verified_is_looked_at(
    make_customer: MakeCustomer, officer: User
) -> None:
    customer = make_customer(verified=True)
    first = _add(customer, ADDRESS, officer, **PLACE)
    change_contact(ADDRESS, first.pk, PLACE | {"town": "Tema"}, by=officer, reason="x")
    assert not Task.objects.exists()
    abroad = {**PLACE, "country": "NGA", "is_primary": True}
    _add(customer, ADDRESS, officer, **abroad)
    assert Task.objects.get().reason == "country of the address"


def test_a_move_abroad_by_removing_and_adding_is_looked_at(
    make_customer: MakeCustomer, officer: User
) -> None:
    customer = make_customer(verified=True)
    first = _add(customer, ADDRESS, officer, **PLACE)
    remove_contact(ADDRESS, first.pk, by=officer, reason="Gone")
    home = _add(customer, ADDRESS, officer, **PLACE | {"town": "Tema"})
    remove_contact(ADDRESS, home.pk, by=officer, reason="Gone")
    assert not Task.objects.exists()  # the same country
    abroad = _add(customer, ADDRESS, officer, **PLACE | {"country": "NGA"})
    assert abroad.is_primary
    assert Task.objects.get().reason == "country of the address"


def test_who_loses_the_primary_gets_the_oldest_proven_one(
    ama: Customer, officer: User, deliver: Deliver
) -> None:
    numbers = [f"+23320123456{n}" for n in range(3)]
    others = [_add(ama, PHONE, officer, number=number) for number in numbers]
    proven = Phone.objects.filter(pk__in=[other.pk for other in others[1:]])
    proven.update(verified_at="2026-01-01T00:00Z")
    for left in (numbers[1], numbers[2], numbers[0], ""):
        update_customer(ama.pk, changes={"phone": ""}, by=officer, reason="Lost")
        deliver()
        ama.refresh_from_db()
        assert (ama.phone, _is_in_step(ama)) == (left, True)
    assert not Phone.objects.of_customer(ama.pk).exists()


def test_what_another_customer_has_is_passed_over(
    ama: Customer, make_customer: MakeCustomer, officer: User, deliver: Deliver
) -> None:
    kofi = make_customer()
    shared = _add(ama, PHONE, officer, number=kofi.phone)
    update_customer(ama.pk, changes={"phone": ""}, by=officer, reason="Lost")
    deliver()
    ama.refresh_from_db()
    assert (ama.phone, _is_in_step(ama)) == ("", True)
    shared.refresh_from_db()
    assert shared.removed_at is None
    # The next own one is primary at once, and so is the shared one once it is free.
    own = _add(ama, PHONE, officer, number="+233201234567")
    own.refresh_from_db()
    assert own.is_primary
    update_customer(ama.pk, changes={"phone": ""}, by=officer, reason="Lost")
    update_customer(kofi.pk, changes={"phone": ""}, by=officer, reason="Gave it up")
    follow_customer(ama.pk, by=officer)
    assert phone_of(ama) == shared
    assert _is_in_step(ama)


def test_who_has_left_gets_no_other_primary(
    ama: Customer, officer: User, deliver: Deliver
) -> None:
    second = _add(ama, PHONE, officer, number="+233201234567")
    update_customer(ama.pk, changes={"phone": ""}, by=officer, reason="Lost")
    decline_customer(ama.pk, reason=DeclineReason.DUPLICATE, by=officer)
    deliver()
    second.refresh_from_db()
    assert not second.is_primary


def test_a_number_changed_in_the_details_keeps_no_operator(
    ama: Customer, officer: User, deliver: Deliver
) -> None:
    phone = phone_of(ama)
    held = {"type": "mobile", "operator": "mtn"}
    change_contact(PHONE, phone.pk, held, by=officer, reason="Typed")
    for number, type_of in (("+233209999999", "mobile"), ("+233302550128", "")):
        update_customer(ama.pk, changes={"phone": number}, by=officer, reason="Edited")
        deliver()
        found = phone_of(ama)
        assert (found.pk, found.number) == (phone.pk, number)
        assert (found.operator, found.type) == ("", type_of)


def test_how_they_want_to_hear_from_us(ama: Customer, officer: User) -> None:
    asked: dict[str, Any] = {"channel": "sms", "language": "fr", "by": officer}
    assert set_preference(ama.pk, **asked, reason="Asked") is True
    assert set_preference(ama.pk, **asked, reason="Asked") is False
    for wrong in ({"channel": "pigeon"}, {"language": "xx"}):
        with pytest.raises(DomainError, match="Choose a"):
            set_preference(ama.pk, **{**asked, **wrong}, reason="Asked")
    assert Preference.objects.get().history.count() == 1


def test_the_database_knows_one_primary(ama: Customer, officer: User) -> None:
    second = _add(ama, PHONE, officer, number="+233201234567")
    with pytest.raises(IntegrityError), transaction.atomic():
        Phone.objects.filter(pk=second.pk).update(is_primary=True)


# --- any sequence of edits -----------------------------------------------------------
_VALUES = {
    PHONE: [{"number": f"+23320123456{n}"} for n in range(4)],
    EMAIL: [{"email": f"e{n}@mail.example"} for n in range(4)],
    ADDRESS: [PLACE | {"town": f"Town {n}"} for n in range(4)],
}
_DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["add", "add primary", "change", "primary", "remove", "edit",
                         "deliver", "elsewhere", "verify", "again"]),
        st.sampled_from([PHONE, EMAIL, ADDRESS]),
        st.integers(0, 3), st.integers(0, 3),
    ),
    max_size=12,
)  # fmt: skip


def _do(deed: str, kind: Any, which: int, what: int, ama: Customer, kofi: Customer,
        by: User) -> None:  # fmt: skip
    values = _VALUES[kind][what]
    rows = list(MODELS[kind].objects.filter(customer=ama).order_by("id"))
    row = rows[which % len(rows)].pk if rows else None
    match deed:
        case "elsewhere":
            _add(kofi, kind, by, **values, is_primary=True)
        case "edit":
            _edit(ama, kind, values, by, is_emptied=not what)
        case "verify":
            _prove(ama, kind, which, by)
        case "again":  # what was removed comes back as it was
            _restore(ama, kind, which, by)
        case "deliver":
            follow_customer(ama.pk, by=by)
        case "change" | "primary" | "remove" if row:
            _handle(deed, kind, row, values, by)
        case "add" | "add primary":
            _add(ama, kind, by, **values, is_primary=deed == "add primary")


def _edit(customer: Customer, kind: Any, values: dict[str, str], by: User, *,
          is_emptied: bool) -> None:  # fmt: skip
    """As the form of the customer's details does."""
    if kind != ADDRESS:
        text = "" if is_emptied else next(iter(values.values()))
        update_customer(customer.pk, changes={str(kind): text}, by=by, reason="x")


def _handle(deed: str, kind: Any, row: Any, values: dict[str, str], by: User) -> None:
    if deed == "change":
        change_contact(kind, row, values, by=by, reason="x")
    elif deed == "primary":
        make_primary(kind, row, by=by, reason="x")
    else:
        remove_contact(kind, row, by=by, reason="x")


def _prove(customer: Customer, kind: Any, which: int, by: User) -> None:
    rows = list(MODELS[kind].objects.of_customer(customer.pk))
    if kind == ADDRESS or not rows:
        return
    row = rows[which % len(rows)]
    challenge = ask_verification(kind, row.pk, by=by)
    secret = make_secret(challenge.pk)
    if kind == PHONE:
        verify_phone(row.pk, code=secret, by=by)
    else:
        confirm_email(link_token(challenge.pk, secret), by=by)


def _restore(customer: Customer, kind: Any, which: int, by: User) -> None:
    gone = list(MODELS[kind].objects.filter(customer=customer).exclude(removed_at=None))
    if gone:
        row = gone[which % len(gone)]
        names = ["lines", "town", "country"] if kind == ADDRESS else [row.identity]
        add_contact(customer.pk, kind, {n: getattr(row, n) for n in names}, by=by)


@settings(
    max_examples=60,  # each is rolled back whole, so the fixture may stay
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(_DEEDS)
def test_no_sequence_of_edits_loses_the_step(
    demo_bank: Tenant, deeds: list[tuple[str, Any, int, int]]
) -> None:
    by = get_machine("setup")
    with transaction.atomic():
        ama, kofi = (
            register_customer(a_registration(n), tenant=demo_bank, by=by)
            for n in (77, 78)
        )
        for deed in deeds:
            refused = False
            try:
                with transaction.atomic():
                    _do(*deed, ama=ama, kofi=kofi, by=by)
            except DomainError:
                refused = True
            _expect_at_most_one_primary(ama)
            if deed[0].startswith("add") and not refused:
                assert _is_in_step(ama)
        for customer in (ama, kofi):
            follow_customer(customer.pk, by=by)
            assert _is_in_step(customer)
            _expect_one_primary(customer)
        transaction.set_rollback(True)


def _expect_at_most_one_primary(customer: Customer) -> None:
    for model in MODELS.values():
        rows = model.objects.filter(customer=customer, is_primary=True)
        assert rows.count() <= 1
        assert not rows.exclude(removed_at=None).exists()


def _expect_one_primary(customer: Customer) -> None:
    """Of each kind while any is left that is not another customer's primary one."""
    for model in MODELS.values():
        mine = list(model.objects.of_customer(customer.pk))
        theirs = model.objects.living().filter(is_primary=True)
        taken = {row.value for row in theirs.exclude(customer=customer)}
        if model is not Address:
            mine = [row for row in mine if row.is_primary or row.value not in taken]
        assert sum(row.is_primary for row in mine) == bool(mine)


# --- at the same time ----------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_two_make_another_one_primary_at_once(
    make_customer: MakeCustomer, officer: User
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")
    ama = make_customer()
    numbers = [f"+23320123456{n}" for n in range(4)]
    phones = [_add(ama, PHONE, officer, number=number) for number in numbers]

    def press(phone: Any) -> Any:
        return lambda: make_primary(PHONE, phone.pk, by=officer, reason="At once")

    assert race(*map(press, phones)) == [True] * 4
    assert _is_in_step(ama)


@pytest.mark.django_db(transaction=True)
def test_two_customers_take_one_phone_at_once(
    make_customer: MakeCustomer, officer: User
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")
    both = [make_customer(), make_customer()]

    def take(customer: Customer) -> Any:
        values = {"number": "+233201234567", "is_primary": True}
        return lambda: _add(customer, PHONE, officer, **values)

    results = race(*map(take, both))
    refused = [r for r in results if isinstance(r, DomainError)]
    assert [r.code for r in refused] == ["PHONE_ALREADY_REGISTERED"], results
    assert all(map(_is_in_step_or_behind, both))


def _is_in_step_or_behind(customer: Customer) -> bool:
    """Nothing of contacts was kept for the loser, whose worker has not run yet."""
    has_any = Phone.objects.filter(customer=customer).exists()
    return not has_any or _is_in_step(customer)


def test_ids_of_nowhere_are_an_error_of_the_caller(officer: User) -> None:
    with pytest.raises(Address.DoesNotExist):
        remove_contact(ADDRESS, uuid4(), by=officer, reason="x")
