"""Findings as staff see them: the page of the rules, the list, and each one."""

from customers.quality.admin import findings as findings
