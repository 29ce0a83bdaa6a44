"""The pages of risk, products, engagement and segments."""

from customers.risk.admin.assessments import AssessmentAdmin
from customers.risk.admin.countries import CountryRiskAdmin
from customers.risk.admin.engagement import EngagementAdmin
from customers.risk.admin.holdings import HoldingAdmin
from customers.risk.admin.segments import SegmentRuleAdmin

__all__ = [
    "AssessmentAdmin", "CountryRiskAdmin", "EngagementAdmin", "HoldingAdmin",
    "SegmentRuleAdmin",
]  # fmt: skip
