"""Answers to the pack's form, checked."""

import re
from collections.abc import Mapping
from datetime import date

from common.errors import DomainError
from common.reading.countries import COUNTRIES
from common.text import clean
from tenants.packs.loader import EntityType, PackField

OLDEST_PERSON = 130  # years; nobody known lived longer than 122
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
    return as_stored(text) if field.type == "date" else text


def as_stored(text: str) -> str:
    """Write a day as YYYY-MM-DD, however it was typed; what is no day stays.

    Python reads 19910403 and 1991-W14-3 as well, which date inputs show as blank.
    """
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return text


def _problem(field: PackField, text: str) -> str:
    match field.type:
        case "date":
            return _date_problem(field.key, text)
        case "country" if text not in COUNTRIES:
            return "must be a country code of three letters, e.g. GHA"
        case "choice" if text not in field.choices:
            return "must be one of the choices"
    if field.pattern and not re.fullmatch(field.pattern, text):
        return "does not look right"
    return ""


def _date_problem(key: str, text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return "must be a date, e.g. 1991-04-03"
    # Born or founded tomorrow, or before anybody alive, is a slip of the finger.
    today = date.today()  # noqa: DTZ011 - a customer's date has no zone
    if day > today:
        return "lies in the future"
    if key == "birth_date" and _is_years_ago(day, OLDEST_PERSON, today):
        return f"lies {OLDEST_PERSON} years ago or more"
    return "lies before 1850" if day.year < 1850 else ""


def _is_years_ago(day: date, years: int, today: date) -> bool:
    anniversary = (day.year + years, day.month, day.day)
    return anniversary <= (today.year, today.month, today.day)
