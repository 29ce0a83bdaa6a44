"""Who may go to the sweep’s reports and linked accounts; rows of tests/routes.py."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from customers.registry.models import Customer
from deposits.models import LinkedAccount

REPORTS = {"compliance_officer", "senior_manager", "auditor"}
FRONT, COMPLIANCE = {"client_facing", "compliance_officer"}, {"compliance_officer"}
RESTRICTED = {"senior_manager", "governing_body", "auditor", "compliance_officer"}
READERS = {"client_facing", "teller", *RESTRICTED}  # view customers


def _says(**said: str) -> Callable[[Any], dict[str, Any]]:
    return lambda _: {"_form_submitted": "True", **said}


SWEEPS: tuple[dict[str, Any], ...] = (
    {"name": "deposits_sweeprun_changelist", "may": REPORTS},
    {"name": "deposits_sweeprun_change", "may": REPORTS, "row": "sweep_run"},
    {"name": "deposits_activity_months", "may": READERS, "row": "fresh"},
    {
        "name": "deposits_activity_end_dormancy", "may": COMPLIANCE, "row": "dormant",
        "body": _says(),
    },
)  # fmt: skip


def _account(rows: dict[str, Any]) -> dict[str, Any]:
    said = _says(kind="bank", institution="West Bank", country="GBR")(rows)
    number = {"number": "GB82WEST12345698765432", "holder_name": rows["fresh"].name}
    return {**said, **number, "link_id": str(uuid4())}


def _proof(rows: dict[str, Any]) -> dict[str, Any]:
    return {
        "_form_submitted": "True",
        "document": str(rows["proof"].pk),
        "shows_both": "on",
    }


def _amount(_: dict[str, Any]) -> dict[str, Any]:
    return {"_form_submitted": "True", "amount_id": str(uuid4())}


_AT = "deposits_linkedaccount"
_UNVERIFIED = {"may": COMPLIANCE, "row": "linked_account"}
LINKED: tuple[dict[str, Any], ...] = (
    {"name": f"{_AT}_changelist", "may": READERS},
    {"name": f"{_AT}_change", "may": READERS, "row": "linked_account"},
    {"name": f"{_AT}_link", "may": FRONT, "row": "fresh", "body": _account},
    {"name": f"{_AT}_document", **_UNVERIFIED, "body": _proof},
    {"name": f"{_AT}_confirm", **_UNVERIFIED, "body": _says(amount="9.99")},
    {"name": f"{_AT}_refuse", **_UNVERIFIED, "body": _says(reason="not_proven")},
    {
        "name": f"{_AT}_amount", "may": {"teller", "compliance_officer"},
        "row": "linked_account", "body": _amount,
    },
    {
        "name": f"{_AT}_primary", "may": FRONT, "row": "verified_link",
        "body": _says(),
    },
    {
        "name": f"{_AT}_remove", "may": FRONT, "row": "linked_account",
        "body": _says(reason="Closed"),
    },
)  # fmt: skip
VERSIONS = {_AT: ("linked_account", RESTRICTED)}


def linked_rows(one: Callable[..., Any]) -> dict[str, Any]:
    """One that waits for verification and a verified one, by the names used above."""
    return {
        "dormant": _dormant(one),
        "linked_account": one(LinkedAccount, status="unverified"),
        "verified_link": one(LinkedAccount, status="verified"),
    }


def _dormant(one: Callable[..., Any]) -> Customer:
    """Suspended for dormancy, though by the policy they would not be."""
    customer: Customer = one(Customer, kyc_status="verified", status="suspended")
    Customer.objects.filter(pk=customer.pk).update(activity="suspended")
    return customer
