"""What risk does by the clock."""

from customers.risk.reviews import sweep_reviews
from customers.risk.segments import computing as computing  # its job registers itself
from events.sweeps import sweep

HOUR = 3600  # seconds

sweep("risk_reviews", every=HOUR)(sweep_reviews)
