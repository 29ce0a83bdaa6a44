"""Who may go to the pages of tiers and channels, by §1; rows of tests/routes.py."""

from typing import Any

RESTRICTED = {"compliance_officer", "senior_manager", "governing_body", "auditor"}
EVERYBODY = {"client_facing", "teller", "administrator", *RESTRICTED}
ADMINISTRATOR = {"administrator"}
WHY = {"reason": "A new law"}


def _tier(_: dict[str, Any]) -> dict[str, Any]:
    return {"name": "Plain", "max_balance": "900", "max_transaction": "90", **WHY}


def _channel(_: dict[str, Any]) -> dict[str, Any]:
    return {"kyc_within_days": "9", "needs_phone": "on", **WHY}


FORESEERS = {"administrator", "compliance_officer", "senior_manager"}
TIERS: tuple[dict[str, Any], ...] = (
    {"name": "tiers_tier_changelist", "may": EVERYBODY},
    {"name": "tiers_tier_change", "may": EVERYBODY, "row": "tier"},
    {
        "name": "tiers_tier_edit", "may": ADMINISTRATOR, "row": "tier", "body": _tier,
    },
    {"name": "tiers_tier_what_if", "may": FORESEERS},
    {"name": "tiers_channelrule_changelist", "may": EVERYBODY},
    {"name": "tiers_channelrule_change", "may": EVERYBODY, "row": "channel_rule"},
    {
        "name": "tiers_channelrule_edit", "may": ADMINISTRATOR, "row": "channel_rule",
        "body": _channel,
    },
)  # fmt: skip
VERSIONS = {
    "tiers_tier": ("tier", EVERYBODY),
    "tiers_channelrule": ("channel_rule", EVERYBODY),
}
