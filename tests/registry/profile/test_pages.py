"""The profile on the customer page and the page on which it is changed."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from customers.registry.choices import DeclineReason
from customers.registry.models import Customer, DictionaryEntry, Profile
from customers.registry.services import decline_customer
from tenants.models import User
from tests.conftest import ClientAs, MakeCustomer, MakeStaff
from tests.registry.conftest import COMPANY
from tests.registry.pages.forms import NONSENSE, page
from tests.registry.profile.conftest import FULL, change, retire

Read = Callable[[Customer], dict[str, Any]]


@pytest.fixture
def officer(make_staff: MakeStaff) -> User:
    return make_staff("compliance_officer")


@pytest.fixture
def front(make_staff: MakeStaff, client_as: ClientAs) -> Client:
    return client_as(make_staff("client_facing"))


@pytest.fixture
def read(front: Client) -> Read:
    """Open the page and return the form as a browser would send it."""

    def fields(customer: Customer) -> dict[str, Any]:
        return as_sent(front.get(page("profile", customer)).context["form"])

    return fields


def as_sent(form: Any) -> dict[str, Any]:
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in values.items()}


def stored(customer: Customer) -> Any:
    return Profile.objects.get(customer=customer)


def test_the_page_saves_with_actor_and_reason(
    front: Client, make_customer: MakeCustomer, read: Read
) -> None:
    customer = make_customer()
    asked = {**read(customer), **FULL, "reason": "Told us"}
    answer = front.post(page("profile", customer), asked)
    assert answer["Location"] == page("change", customer)
    profile = stored(customer)
    assert profile.income == FULL["income"]
    assert profile.history.first().history_change_reason == "Told us"
    board = front.get(page("change", customer)).content.decode()
    assert "2,000 to 4,999 a month" in board
    assert "Profile changed" in board
    again = front.post(page("profile", customer), {**read(customer), "reason": "r"})
    assert again.status_code == 302
    assert profile.history.count() == 1


def test_a_reason_is_wanted_and_bad_answers_are_refused(
    front: Client, make_customer: MakeCustomer, read: Read
) -> None:
    customer = make_customer()
    asked = {**read(customer), "gender": "unknown", "industry": "astronautics"}
    errors = front.post(page("profile", customer), asked).context["form"].errors
    assert set(errors) == {"gender", "industry", "reason"}
    assert not Profile.objects.exists()


def test_the_second_of_two_editors_is_told_and_loses_nothing(
    front: Client, officer: User, make_customer: MakeCustomer, read: Read
) -> None:
    customer = make_customer()
    change(customer, officer, marital_status="single")
    mine = {"gender": "female", "marital_status": "married", "reason": "Married"}
    asked = {**read(customer), **mine}
    change(customer, officer, marital_status="divorced", industry="trade")
    answer = front.post(page("profile", customer), asked)
    body, form = answer.content.decode(), answer.context["form"]
    assert f"{officer.name} changed this profile" in body
    assert "Told us so" in body
    assert "Now on file: “Divorced”." in body
    sent = as_sent(form)
    assert (sent["gender"], sent["marital_status"]) == ("female", "married")
    assert sent["industry"] == "trade", "untouched here, so theirs"
    assert stored(customer).marital_status == "divorced", "nothing was saved"
    assert front.post(page("profile", customer), sent).status_code == 302
    profile = stored(customer)
    assert (profile.gender, profile.marital_status, profile.industry) == (
        "female", "married", "trade",
    )  # fmt: skip


def test_two_who_fill_in_the_first_answers_lose_nothing(
    front: Client, officer: User, make_customer: MakeCustomer, read: Read
) -> None:
    customer = make_customer()
    asked = {**read(customer), "gender": "female", "reason": "r"}
    change(customer, officer, education="master")
    form = front.post(page("profile", customer), asked).context["form"]
    sent = as_sent(form)
    assert (sent["gender"], sent["education"]) == ("female", "master")
    assert front.post(page("profile", customer), sent).status_code == 302
    assert (stored(customer).gender, stored(customer).education) == (
        "female", "master",
    )  # fmt: skip


@pytest.mark.parametrize("version", ["7", "9" * 15, "-1", "x", ""])
def test_a_forged_version_saves_nothing(
    front: Client, make_customer: MakeCustomer, read: Read, version: str
) -> None:
    customer = make_customer()
    forged = {**read(customer), **FULL, "reason": "r", "row_version": version}
    assert front.post(page("profile", customer), forged).status_code == 200
    assert not Profile.objects.exists()


def test_a_retired_code_is_offered_only_where_it_is(
    front: Client, officer: User, make_customer: MakeCustomer, read: Read
) -> None:
    has_it, has_not = make_customer(), make_customer()
    change(has_it, officer, industry="mining")
    asked = {**read(has_not), "industry": "mining", "reason": "r"}
    retire(has_it, "mining", officer)
    page_of = {c.pk: front.get(page("profile", c)) for c in (has_it, has_not)}
    assert "Mining and quarrying (retired)" in page_of[has_it.pk].content.decode()
    assert "Mining and quarrying" not in page_of[has_not.pk].content.decode()
    keeps = {**read(has_it), "gender": "male", "reason": "r"}
    assert front.post(page("profile", has_it), keeps).status_code == 302
    assert stored(has_it).industry == "mining"
    late = front.post(page("profile", has_not), asked)
    assert list(late.context["form"].errors) == ["industry"]
    assert not Profile.objects.filter(customer=has_not).exists()


@pytest.mark.parametrize("field", [*FULL, "reason", "row_version"])
def test_the_page_survives_nonsense(
    front: Client, make_customer: MakeCustomer, read: Read, field: str
) -> None:
    customer = make_customer()
    for text in (*NONSENSE, ""):
        asked = {**read(customer), "reason": "Told us", field: text}
        answer = front.post(page("profile", customer), asked)
        assert answer.status_code in (200, 302), text


# --- the customer page ---
def test_every_missing_field_has_its_link(
    front: Client, officer: User, make_customer: MakeCustomer
) -> None:
    customer = make_customer()
    change(customer, officer, gender="female")
    board = front.get(page("change", customer)).content.decode()
    place = page("profile", customer)
    form = front.get(place).content.decode()
    for key in FULL.keys() - {"gender"}:
        assert f'href="{place}#id_{key}"' in board, key
        assert f'id="id_{key}"' in form, key
    assert f"{page('edit', customer)}#id_occupation" in board
    assert f"{place}#id_gender" not in board
    assert "36 % complete" in board  # 7 of 19
    assert "marital status, education and 5 more" in board


def test_looking_writes_nothing(front: Client, make_customer: MakeCustomer) -> None:
    front.get(page("change", make_customer()))
    assert not Profile.objects.exists()
    assert not DictionaryEntry.objects.exists()


def test_a_company_has_neither_panel_nor_page(
    front: Client, make_customer: MakeCustomer
) -> None:
    company = make_customer(**COMPANY)
    board = front.get(page("change", company)).content.decode()
    assert not re.search(r"<h2>Profile</h2>", board)
    assert front.get(page("profile", company)).status_code == 404
    assert front.post(page("profile", company), FULL).status_code == 404


def test_an_ended_relationship_is_shown_and_not_edited(
    front: Client, officer: User, make_customer: MakeCustomer
) -> None:
    customer = make_customer()
    decline_customer(customer.pk, reason=DeclineReason.DUPLICATE, by=officer)
    assert page("profile", customer) not in front.get(
        page("change", customer)
    ).content.decode()  # fmt: skip
    answer = front.get(page("profile", customer), follow=True)
    assert "Cannot change" in answer.content.decode()


@pytest.mark.parametrize("role", ["teller", "auditor", "senior_manager"])
def test_who_may_look_but_not_change(
    make_staff: MakeStaff, client_as: ClientAs, make_customer: MakeCustomer,
    officer: User, role: str,
) -> None:  # fmt: skip
    customer = make_customer()
    change(customer, officer, **FULL)
    client = client_as(make_staff(role))
    board = client.get(page("change", customer)).content.decode()
    assert "Employed, full time" in board
    assert page("profile", customer) not in board
    assert client.get(page("profile", customer)).status_code == 403
    assert client.post(page("profile", customer), FULL).status_code == 403


def test_another_bank_finds_no_profile(
    make_staff: MakeStaff, client_as: ClientAs, make_customer: MakeCustomer,
    second_bank: Any, officer: User,
) -> None:  # fmt: skip
    customer = make_customer()
    change(customer, officer, **FULL)
    roles = ("client_facing", "compliance_officer")
    stranger = client_as(make_staff(*roles, tenant=second_bank))
    forged = {"gender": "male", "row_version": 1, "reason": "r"}
    assert stranger.get(page("profile", customer)).status_code == 404
    assert stranger.post(page("profile", customer), forged).status_code == 404
    assert stored(customer).gender == "female"
