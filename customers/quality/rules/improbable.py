"""Answers that somebody typed to get past the form."""

import re
from collections.abc import Iterator
from datetime import date

from customers.quality.choices import Severity
from customers.quality.rules.board import Hit, Scope, rule
from customers.quality.rules.contradictory import birth_date_of, birthday
from customers.quality.rules.files import CustomerFile, file_rule

OLDEST = 120  # years; two people have been proven older
# What systems and clerks write where nobody knows: the first day of their calendars.
PLACEHOLDERS = frozenset(
    [date(1900, 1, 1), date(1901, 1, 1), date(1970, 1, 1), date(1980, 1, 1)]
)
TYPED = frozenset(
    ["test", "tester", "testing", "asdf", "asd", "qwerty", "qwertz", "xxx", "abc",
     "aaa", "foo", "foo bar", "dummy", "unknown", "none", "null", "na", "n a",
     "no name", "noname", "customer", "name"]
)  # fmt: skip
_SAME = re.compile(r"(\w)\1*")
_TRIED = re.compile(r"(test|asdf|qwerty|dummy)( (test|asdf|qwerty|dummy))*( \d+)?")

_DATES = {
    "placeholder": "a date that stands for “unknown”",
    "oldest": f"older than {OLDEST} years",
    "future": "in the future",
    "unreadable": "no date",
}


@file_rule(
    "birth_date_improbable",
    title="Birth date is improbable",
    says=f"It is a placeholder such as 1 January 1900, lies in the future, or makes"
    f" the customer older than {OLDEST}.",
    advice="Compare the birth date with the ID document.",
    severity=Severity.HIGH,
    page="edit#id_birth_date",
    words=lambda detail: _DATES.get(detail, detail),
)
def birth_date_improbable(file: CustomerFile) -> Iterator[Hit]:
    born = birth_date_of(file)
    said = file.answers.get("birth_date") if file.sealed.is_individual else ""
    detail = ""
    if born in PLACEHOLDERS:
        detail = "placeholder"
    elif born is None:
        detail = "unreadable" if said else ""
    elif not file.reached(born):
        detail = "future"
    elif file.reached(birthday(born, OLDEST + 1)):
        detail = "oldest"
    if detail:
        yield Hit(file.customer_id, detail, value=str(said))


@file_rule(
    "birth_date_new_year",
    title="Born on 1 January",
    says="Many are, and many more say so where only the year is known.",
    advice="Compare it with the ID document; accept it when that says the same.",
    severity=Severity.LOW,
    page="edit#id_birth_date",
)
def birth_date_new_year(file: CustomerFile) -> Iterator[Hit]:
    born = birth_date_of(file)
    if born and (born.month, born.day) == (1, 1) and born not in PLACEHOLDERS:
        yield Hit(file.customer_id, value=str(born))


@rule(
    "name_improbable",
    title="Name is improbable",
    says="It is a word such as “test”, one letter over and over, or has no letters.",
    advice="Write the name as on the ID document or in the register.",
    severity=Severity.MEDIUM,
    page="edit#id_name",
)
def name_improbable(scope: Scope) -> Iterator[Hit]:
    for pk, name in scope.customers.values_list("pk", "name_normalized"):
        if is_improbable(name):
            yield Hit(pk, value=name)


def is_improbable(name: str) -> bool:
    """`name` is folded; a name of one letter alone may be real (Burma has them)."""
    if name in TYPED or _TRIED.fullmatch(name):
        return True
    letters = name.replace(" ", "")
    if not any(letter.isalpha() for letter in letters):
        return True
    return len(letters) > 2 and _SAME.fullmatch(letters) is not None
