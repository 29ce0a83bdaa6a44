"""The pages of outside checks."""

from customers.checks.admin.checks import OutsideCheckAdmin

__all__ = ["OutsideCheckAdmin"]
