"""Answers to the pack's form: checked, and what is still missing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from common.countries import COUNTRIES
from common.errors import DomainError
from common.text import clean
from customers.registry.models import Customer
from tenants.packs.loader import EntityType, PackField

MAX_ANSWER = 1000  # characters; an address of a company may be long, a novel is not one


class InvalidDetailError(DomainError):
    code = "DATA_VALIDATION_FAILED"


def clean_details(form: EntityType, answers: Mapping[str, object]) -> dict[str, str]:
    """Return the answers as stored: text, dates as YYYY-MM-DD, empty ones dropped.

    Raises InvalidDetailError naming the field; keys the form does not ask are refused.
    """
    asked = {field.key: field for field in form.fields}
    cleaned = {}
    for key, value in answers.items():
        if key not in asked:
            raise InvalidDetailError(
                f"{form.label} has no field “{clean(key)[:40]}”.", field=key
            )
        if text := clean_answer(asked[key], value):
            cleaned[key] = text
    return cleaned


def clean_answer(field: PackField, value: object) -> str:
    """Check one answer. Raises InvalidDetailError."""
    text = value.isoformat() if isinstance(value, date) else clean(str(value or ""))
    if not text:
        return ""
    if len(text) > MAX_ANSWER:
        raise InvalidDetailError(
            f"{field.label} is longer than {MAX_ANSWER} characters.", field=field.key
        )
    problem = _problem(field, text)
    if problem:
        raise InvalidDetailError(f"{field.label} {problem}.", field=field.key)
    return text


def _problem(field: PackField, text: str) -> str:
    match field.type:
        case "date":
            return _date_problem(text)
        case "country" if text not in COUNTRIES:
            return "must be a country code of three letters, e.g. GHA"
        case "choice" if text not in field.choices:
            return "must be one of the choices"
    if field.pattern and not re.fullmatch(field.pattern, text):
        return "does not look right"
    return ""


def _date_problem(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return "must be a date, e.g. 1991-04-03"
    # Born or founded tomorrow, or before anybody alive, is a slip of the finger.
    if day > date.today():  # noqa: DTZ011 - a customer's date has no zone
        return "lies in the future"
    return "lies before 1850" if day.year < 1850 else ""


@dataclass(frozen=True)
class Missing:
    """One thing the file lacks; `field` is its key in the form."""

    field: str
    label: str


@dataclass(frozen=True)
class Completeness:
    percent: int
    missing: tuple[Missing, ...]


def completeness(customer: Customer) -> Completeness:
    """How much of what the pack asks for is on file, 0 to 100, and what is not."""
    wanted = [("email", "E-mail", customer.email), ("phone", "Phone", customer.phone)]
    wanted += [
        (field.key, field.label, customer.details.get(field.key, ""))
        for field in customer.pack_form.fields
        if field.required
    ]
    missing = tuple(Missing(key, label) for key, label, value in wanted if not value)
    percent = round(100 * (len(wanted) - len(missing)) / len(wanted))
    return Completeness(percent, missing)
