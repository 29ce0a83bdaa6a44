"""The pages of risk."""

from customers.risk.admin.assessments import AssessmentAdmin
from customers.risk.admin.countries import CountryRiskAdmin

__all__ = ["AssessmentAdmin", "CountryRiskAdmin"]
