"""Who may go to the addresses of contacts, by §1; rows of tests/routes.py."""

from collections.abc import Callable
from typing import Any

from customers.contacts.commands.overtaken import version_of
from customers.contacts.models import Address, Email, Message, Phone

FRONT = {"client_facing", "compliance_officer"}  # create / update customer, contacts
RESTRICTED = {"senior_manager", "governing_body", "auditor", "compliance_officer"}
READERS = {"client_facing", "teller", *RESTRICTED}  # view customers
_WHY = {"reason": "Asked in the branch"}
_PLACE = {"lines": "9 Castle Road", "town": "Accra", "country": "GHA"}


def _says(**said: str | int) -> Callable[[Any], dict[str, Any]]:
    return lambda _: {**_WHY, **said}


def _seeing(form: Callable[[Any], dict[str, Any]], row: str) -> Callable[..., Any]:
    """With the number of the version that its dialog showed."""
    return lambda rows: {**form(rows), "version": version_of(rows[row])}


# A form that adds, one that changes, by the kind of contact.
_FORMS = {
    "phone": _says(number="+233 20 999 9999"),
    "email": _says(email="new@mail.example"),
    "address": _says(**_PLACE),
}


def _rows_of(kind: str) -> list[dict[str, Any]]:
    form, place, second = _FORMS[kind], f"contacts_{kind}", f"second_{kind}"
    about = {"row": second, "may": FRONT}
    return [
        {"name": f"{place}_changelist", "may": READERS},
        {"name": f"{place}_change", "may": READERS, "row": kind},
        {
            "name": f"{place}_of_customer", "may": FRONT, "row": "fresh",
            "body": form,
        },
        {"name": f"{place}_edit", **about, "body": _seeing(form, second)},
        {"name": f"{place}_primary", **about, "body": _says()},
        {"name": f"{place}_remove", **about, "body": _says()},
    ]  # fmt: skip


CONTACTS: tuple[dict[str, Any], ...] = (
    *(row for kind in _FORMS for row in _rows_of(kind)),
    {"name": "contacts_phone_send", "may": FRONT, "row": "phone", "body": _says()},
    {"name": "contacts_email_send", "may": FRONT, "row": "email", "body": _says()},
    {
        "name": "contacts_phone_enter", "may": FRONT, "row": "second_phone",
        "body": _says(code="000000"),
    },
    {"name": "contacts_message_changelist", "may": READERS},
    {
        "name": "contacts_message_take_next", "may": FRONT, "body": _says(),
        "code": 405,
    },
    {
        "name": "contacts_message_take", "may": FRONT, "row": "message",
        "body": _says(), "code": 405,
    },
    {
        "name": "contacts_message_release", "may": FRONT, "row": "message",
        "body": _says(), "code": 405, "does": "nothing",
    },
    {
        "name": "contacts_message_take_over", "may": FRONT, "row": "message",
        "body": _says(),
    },
    {"name": "contacts_message_change", "may": READERS, "row": "message"},
    {
        "name": "contacts_message_given", "may": FRONT, "row": "message",
        "body": _says(),
    },
    {
        "name": "contacts_message_failed", "may": FRONT, "row": "message",
        "body": _says(),
    },
    {
        "name": "contacts_preference_of_customer", "may": FRONT, "row": "fresh",
        "body": _says(channel="post", language="en", version=0),
    },
)  # fmt: skip
VERSIONS = {f"contacts_{kind}": (kind, RESTRICTED) for kind in (*_FORMS, "message")}


def contact_rows(one: Callable[..., Any], customer: Any) -> dict[str, Any]:
    """The primary contact of each kind and another one, by the names used above."""
    models = {"phone": Phone, "email": Email, "address": Address}
    found = {}
    for kind, model in models.items():
        found[kind] = one(model, customer=customer, is_primary=True)
        found[f"second_{kind}"] = one(model, customer=customer, is_primary=False)
    found["message"] = one(Message, customer=customer)
    return found
