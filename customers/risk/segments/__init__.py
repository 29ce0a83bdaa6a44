"""Engagement of customers, and the segments that follow from it."""
