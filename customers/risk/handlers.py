"""What risk does by the clock."""

from customers.risk.reviews import sweep_reviews
from events.sweeps import sweep

HOUR = 3600  # seconds

sweep("risk_reviews", every=HOUR)(sweep_reviews)
