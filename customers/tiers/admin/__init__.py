"""What administrators change about tiers and channels, and everybody may read."""

from customers.tiers.admin.settings import ChannelRuleAdmin, TierAdmin

__all__ = ["ChannelRuleAdmin", "TierAdmin"]
