"""Who may go to the addresses of data quality, by §1; rows of tests/routes.py."""

from typing import Any

COMPLIANCE = {"compliance_officer"}
VIEWERS = {"client_facing", "senior_manager", "auditor", *COMPLIANCE}
RUNS = {"administrator", "senior_manager", "auditor", *COMPLIANCE}


def _reason(_: dict[str, Any]) -> dict[str, Any]:
    return {"reason": "As on the passport"}


_F = "quality_finding"
QUALITY: tuple[dict[str, Any], ...] = (
    {"name": "quality_overview", "may": VIEWERS},
    {"name": "quality_progress", "may": VIEWERS},
    {"name": "quality_check", "may": COMPLIANCE, "body": _reason},
    {"name": f"{_F}_changelist", "may": VIEWERS},
    {"name": f"{_F}_change", "may": VIEWERS, "row": "finding"},
    {"name": f"{_F}_accept", "may": COMPLIANCE, "row": "finding", "body": _reason},
    {
        "name": f"{_F}_withdraw", "may": COMPLIANCE, "row": "accepted_finding",
        "body": _reason,
    },
    {"name": "events_nightlyrun_changelist", "may": RUNS},
    {"name": "events_nightlyrun_change", "may": RUNS, "row": "nightly_run"},
)  # fmt: skip
UNVERSIONED = {_F: "finding", "events_nightlyrun": "nightly_run"}
