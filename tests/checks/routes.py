"""Who may go to outside checks, by §1 and §9; rows of tests/routes.py."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from customers.checks.models import OutsideCheck

COMPLIANCE = {"compliance_officer"}
FRONT = {"client_facing", *COMPLIANCE}
RESTRICTED = {"senior_manager", "governing_body", "auditor", *COMPLIANCE}
READERS = {"client_facing", "teller", *RESTRICTED}  # view customers


def _says(**said: str) -> Callable[[Any], dict[str, Any]]:
    return lambda _: {"_form_submitted": "True", "check_id": uuid4(), **said}


_AT = "checks_outsidecheck"
CHECKS: tuple[dict[str, Any], ...] = (
    {"name": f"{_AT}_changelist", "may": READERS},
    {"name": f"{_AT}_change", "may": READERS, "row": "address_check"},
    {
        "name": f"{_AT}_ask_address", "may": FRONT, "row": "fresh",
        "body": _says(address="home"),
    },
    {"name": f"{_AT}_ask_bureau", "may": COMPLIANCE, "row": "fresh", "body": _says()},
    {
        "name": f"{_AT}_record", "may": FRONT, "row": "address_check",
        "body": _says(result="confirmed", reference="A visit"),
    },
    {
        "name": f"{_AT}_withdraw", "may": FRONT, "row": "address_check",
        "body": _says(reason="Asked by mistake"),
    },
)  # fmt: skip
VERSIONS = {_AT: ("address_check", RESTRICTED)}


def check_rows(one: Callable[..., Any]) -> dict[str, Any]:
    return {"address_check": one(OutsideCheck, kind="address", status="asked")}
