"""What the sweep moves: customers and accounts, and the fact each move makes."""

from customers.registry.events import ActivityChanged
from customers.registry.models import Customer
from deposits.events import AccountStatusChanged
from deposits.models import Account
from events.in_bulk import Kind

# The handler that lets accounts follow one customer. A sweep moves accounts itself, in
# the same transaction, so a delivery would only find its work done, a million times.
OWN_HANDLERS = frozenset({"deposits.follow_activity"})

CUSTOMERS = Kind(
    Customer, "activity", ActivityChanged,
    {"customer_id": "id", "activity": "activity"}, "id", "row_version", OWN_HANDLERS,
)  # fmt: skip
ACCOUNTS = Kind(
    Account, "status", AccountStatusChanged,
    {"account_id": "id", "customer_id": "customer_id", "status": "status"},
    "customer_id", own_handlers=OWN_HANDLERS,
)  # fmt: skip
