"""Who may go to the addresses of risk, by §1 and §9; rows of tests/routes.py."""

from typing import Any
from uuid import uuid4

from customers.risk.services import pack_of
from tests.risk.conftest import HOME, all_low

COMPLIANCE = {"compliance_officer"}
RESTRICTED = {"senior_manager", "governing_body", "auditor", *COMPLIANCE}
ADMINISTRATOR = {"administrator"}
READERS = {"client_facing", "teller", *RESTRICTED}


def _checklist(rows: dict[str, Any]) -> dict[str, Any]:
    customer = rows["fresh"]
    answers = {f"factor_{k}": v for k, v in all_low(customer).items()}
    version = pack_of(customer).version
    ids = {"assessment_id": uuid4(), "pack_version": version}
    return {**answers, **ids, "country_justification": HOME, "do": "record"}


def _override(_: dict[str, Any]) -> dict[str, Any]:
    return {"override": "low", "justification": "Met in the branch"}


def _country(_: dict[str, Any]) -> dict[str, Any]:
    return {"country": "FIN", "rating": "high", "reason": "A list of the regulator"}


def _rule(_: dict[str, Any]) -> dict[str, Any]:
    asked = {"min_tier": "4", "min_balance": "20000", "min_score": "90"}
    return {**asked, "reason": "Fewer, and better looked after"}


_A, _C = "risk_assessment", "risk_countryrisk"
_H, _E, _S = "risk_holding", "risk_engagement", "risk_segmentrule"
RISK: tuple[dict[str, Any], ...] = (
    {"name": "risk_assess", "may": COMPLIANCE, "row": "fresh", "body": _checklist},
    {"name": "risk_comparison", "may": RESTRICTED, "row": "verified"},
    {"name": f"{_A}_changelist", "may": RESTRICTED},
    {"name": f"{_A}_change", "may": RESTRICTED, "row": "assessment"},
    {
        "name": f"{_A}_override", "may": COMPLIANCE, "row": "assessment",
        "body": _override,
    },
    {"name": f"{_C}_changelist", "may": RESTRICTED | ADMINISTRATOR},
    {"name": f"{_C}_change", "may": RESTRICTED | ADMINISTRATOR, "row": "rated_country"},
    {"name": f"{_C}_rate", "may": ADMINISTRATOR, "body": _country},
    {"name": f"{_H}_changelist", "may": READERS},
    {"name": f"{_H}_change", "may": READERS, "row": "holding"},
    {"name": f"{_E}_changelist", "may": READERS},
    {"name": f"{_E}_change", "may": READERS, "row": "engagement", "code": 302},
    {"name": f"{_S}_changelist", "may": READERS | ADMINISTRATOR},
    {"name": f"{_S}_change", "may": READERS | ADMINISTRATOR, "row": "premium"},
    {"name": f"{_S}_edit", "may": ADMINISTRATOR, "row": "premium", "body": _rule},
)  # fmt: skip
VERSIONS = {
    _A: ("assessment", RESTRICTED),
    _C: ("rated_country", RESTRICTED | ADMINISTRATOR),
    _H: ("holding", RESTRICTED),
    _S: ("premium", READERS | ADMINISTRATOR),
}
UNVERSIONED = {_E: "engagement"}
