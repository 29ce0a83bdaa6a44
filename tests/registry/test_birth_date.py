"""A birth date that cannot be: in the future, or of nobody alive."""

from datetime import date, timedelta
from typing import Self

import pytest
from django.test import Client
from django.urls import reverse

from customers.registry import details
from customers.registry.details import InvalidDetailError, clean_answer
from customers.registry.models import Customer
from tenants.models import User
from tenants.packs.loader import PackField
from tests.conftest import ClientAs, MakeCustomer, MakeStaff
from tests.registry.pages.forms import ADD, page, typed

BIRTH = PackField("birth_date", "Birth date", "date")
FOUNDED = PackField("incorporated_on", "Incorporated on", "date")
TODAY = date.today()  # noqa: DTZ011 - as a customer's date
FUTURE = "Birth date lies in the future."
TOO_OLD = "Birth date lies 130 years ago or more."


def years_ago(years: int) -> date:
    """The day that many years ago; of a leap day the first of March."""
    try:
        return TODAY.replace(year=TODAY.year - years)
    except ValueError:
        return date(TODAY.year - years, 3, 1)


A_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Days were counted when tests were collected; midnight may be between."""

    class Day(date):
        @classmethod
        def today(cls) -> Self:
            return cls(TODAY.year, TODAY.month, TODAY.day)

    monkeypatch.setattr(details, "date", Day)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (TODAY + A_DAY, FUTURE),
        (date(9999, 12, 31), FUTURE),
        (TODAY, ""),
        (years_ago(129), ""),
        (years_ago(130) + A_DAY, ""),
        (years_ago(130), TOO_OLD),
        (years_ago(130) - A_DAY, TOO_OLD),
        (date(1800, 1, 1), TOO_OLD),
        (date(1, 1, 1), TOO_OLD),
    ],
)
def test_the_edges(day: date, said: str) -> None:
    if not said:
        assert clean_answer(BIRTH, day.isoformat()) == day.isoformat()
        return
    with pytest.raises(InvalidDetailError) as refusal:
        clean_answer(BIRTH, day.isoformat())
    assert refusal.value.message == said
    assert refusal.value.field == "birth_date"


def test_a_company_may_be_older() -> None:
    assert clean_answer(FOUNDED, "1860-01-01") == "1860-01-01"
    with pytest.raises(InvalidDetailError):
        clean_answer(FOUNDED, "1849-12-31")


@pytest.fixture
def clerk(make_staff: MakeStaff) -> User:
    return make_staff("client_facing")


@pytest.mark.parametrize(
    ("day", "said"),
    [(TODAY + A_DAY, FUTURE), (years_ago(130), TOO_OLD)],
    ids=["future", "too old"],
)
def test_both_forms_say_so_at_the_field(
    clerk: User, client_as: ClientAs, make_customer: MakeCustomer, day: date, said: str
) -> None:
    client: Client = client_as(clerk)
    customer = make_customer()
    new = client.post(reverse(ADD), typed(birth_date=day.isoformat()))
    assert new.context["form"].errors == {"birth_date": [said]}
    form = client.get(page("edit", customer)).context["form"]
    asked = {name: form[name].value() or "" for name in form.fields}
    asked |= {"birth_date": day.isoformat(), "reason": "Told us"}
    edited = client.post(page("edit", customer), asked)
    assert edited.context["form"].errors == {"birth_date": [said]}
    assert Customer.objects.count() == 1
    customer.refresh_from_db()
    assert customer.details["birth_date"] == "1991-04-03"


@pytest.mark.parametrize("asked", [BIRTH, FOUNDED], ids=lambda field: field.key)
@pytest.mark.parametrize("typed_so", ["19910403", "1991-W14-3", "1991W143"])
def test_however_it_was_typed_it_is_kept_one_way(
    asked: PackField, typed_so: str
) -> None:
    assert clean_answer(asked, typed_so) == "1991-04-03"


def test_a_day_kept_otherwise_is_shown_and_not_lost(
    clerk: User, client_as: ClientAs, make_customer: MakeCustomer
) -> None:
    """As a release before this one kept it."""
    customer = make_customer()
    customer.details = {**customer.details, "birth_date": "1991-W14-3"}
    customer.save_as(clerk, "Kept as typed")
    client = client_as(clerk)
    answer = client.get(page("edit", customer))
    assert 'value="1991-04-03"' in answer.content.decode()
