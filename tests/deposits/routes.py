"""Who may go to the reports of the activity sweep, by §1; rows of tests/routes.py."""

from typing import Any

REPORTS = {"compliance_officer", "senior_manager", "auditor"}

SWEEPS: tuple[dict[str, Any], ...] = (
    {"name": "deposits_sweeprun_changelist", "may": REPORTS},
    {"name": "deposits_sweeprun_change", "may": REPORTS, "row": "sweep_run"},
)
