"""What is known of customers’ risk, products and engagement."""

from customers.risk.models.assessment import (
    Assessment,
    AssessmentQuerySet,
    CountryRisk,
)
from customers.risk.models.engagement import Engagement, SegmentRule
from customers.risk.models.holding import Holding

__all__ = [
    "Assessment", "AssessmentQuerySet", "CountryRisk", "Engagement", "Holding",
    "SegmentRule",
]  # fmt: skip
