"""Patterns of packs are bounded: whatever is typed, an answer comes at once."""

import re
import time

import pytest

from tenants.packs.patterns import LONGEST_ANSWER, UnsafePatternError, refuse_unsafe


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+b", "(a*)*", "(a|a)*b", "(a|ab)*c", "(a?){30}a{30}", "([a-z]+)*1",
        "((a{0,9}){0,9}){0,9}", "a*a*b", "a{0,500}a{0,500}b", "a{,}a{,}", "(?:x+x+)+y",
        "a{0,100000}a{0,9}", "(.*)(.*)(.*)", "[]a]*[^]]*", "(\\(a+)+",
    ],
)  # fmt: skip
def test_what_may_run_away_is_refused(pattern: str) -> None:
    with pytest.raises((UnsafePatternError, re.error)):
        refuse_unsafe(pattern)


@pytest.mark.parametrize(
    "pattern", [r"(a)\1", "(?=a)a", "(?P<x>a)", "(?i)a", "a*?", "a++"]
)
def test_what_we_do_not_count_is_refused(pattern: str) -> None:
    with pytest.raises(UnsafePatternError):
        refuse_unsafe(pattern)


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [
        ("", ""),
        ("[A-Za-z0-9 /.-]{4,30}", "GHA-1234"),
        ("[0-9]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}", "51 824 753 556"),
        ("(GB|IE)[0-9]{9}", "GB123456789"),
        (r"\([0-9]+\)", "(12)"),
        ("[]()|{}+*?]{1,9}", "(|)"),
        (r"a\{2\}{}", "a{2}{}"),
        ("(?:[0-9]{3}-){2}[0-9]{3}", "123-456-789"),
    ],
)
def test_what_packs_need_is_taken(pattern: str, answer: str) -> None:
    refuse_unsafe(pattern)
    assert re.fullmatch(pattern, answer)


@pytest.mark.parametrize("pattern", ["[a-z]*[0-9]?", "(a|b|ab){1,6}", "a{0,90}a{0,90}"])
def test_the_worst_that_is_taken_ends_at_once(pattern: str) -> None:
    refuse_unsafe(pattern)
    began = time.perf_counter()
    assert not re.fullmatch(pattern, "a" * LONGEST_ANSWER + "!")
    assert time.perf_counter() - began < 1
