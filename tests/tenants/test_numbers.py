"""Numbers that are read over the phone, each given once."""

from functools import partial
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.keys import is_spoken_number, new_id, spoken_number
from tenants.models import Tenant
from tenants.services import take_number
from tests.conftest import race

SEQUENCES = st.integers(min_value=0, max_value=99_999_999)


def test_the_first_numbers(demo_bank: Tenant) -> None:
    assert take_number(demo_bank.pk, "customer") == "1000-0048"
    assert take_number(demo_bank.pk, "account").startswith("2000-")


@given(SEQUENCES)
def test_a_number_of_ours_checks(sequence: int) -> None:
    number = spoken_number(sequence)
    assert is_spoken_number(number)
    assert is_spoken_number(number.replace("-", " "))
    assert is_spoken_number(number.replace("-", ""))


@given(SEQUENCES, st.data())
def test_every_wrong_digit_is_found(sequence: int, data: st.DataObject) -> None:
    digits = spoken_number(sequence).replace("-", "")
    place = data.draw(st.integers(0, len(digits) - 1))
    wrong = data.draw(st.sampled_from("0123456789").filter(digits[place].__ne__))
    assert not is_spoken_number(digits[:place] + wrong + digits[place + 1 :])


@given(SEQUENCES, st.data())
def test_every_swap_of_neighbours_is_found(sequence: int, data: st.DataObject) -> None:
    digits = spoken_number(sequence).replace("-", "")
    place = data.draw(st.integers(0, len(digits) - 2))
    first, second = digits[place], digits[place + 1]
    if first != second:
        swapped = digits[:place] + second + first + digits[place + 2 :]
        assert not is_spoken_number(swapped)


@given(st.text(max_size=20))
def test_any_text_may_be_asked(text: str) -> None:
    assert is_spoken_number(text) in (True, False)


@pytest.mark.parametrize(
    "text", ["", "-", "1000", "1000-0043", "²000-0048", "\uff11000-0048"]
)
def test_what_is_no_number(text: str) -> None:
    assert not is_spoken_number(text)


@given(st.sets(SEQUENCES, max_size=30))
def test_different_sequences_give_different_numbers(sequences: set[int]) -> None:
    assert len({spoken_number(s) for s in sequences}) == len(sequences)


@pytest.mark.django_db(transaction=True)
def test_nobody_gets_the_same_number_at_the_same_time(
    demo_bank: Tenant, second_bank: Tenant
) -> None:
    """The first ones race for making the range too."""

    def take_five(tenant: Tenant) -> list[str]:
        return [take_number(tenant.pk, "customer") for _ in range(5)]

    banks = [demo_bank, demo_bank, demo_bank, second_bank, second_bank]
    taken = race(*(partial(take_five, bank) for bank in banks))
    assert all(isinstance(numbers, list) for numbers in taken), taken
    ours, theirs = list(chain(*taken[:3])), list(chain(*taken[3:]))
    assert len(set(ours)) == 15
    assert len(set(theirs)) == 10
    assert set(theirs) < set(ours), "each institution counts for itself, without gaps"


def test_keys_sort_by_time() -> None:
    keys = [new_id() for _ in range(200)]
    assert keys == sorted(keys)
    assert len(set(keys)) == 200
    assert {key.version for key in keys} == {7}
