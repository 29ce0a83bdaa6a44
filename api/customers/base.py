"""What every route about one customer needs: the customer, or a 404."""

from typing import Any
from uuid import UUID

from api.views import HouseView
from customers.registry.models import Customer

MISSING = "There is no such customer."


class CustomerView(HouseView):
    """A route below `/customer/{customer_id}`."""

    pagination_class: Any = None

    def customer(self, customer_id: UUID) -> Customer:
        """One of the asker's institution; 404 CUSTOMER_NOT_FOUND for any other."""
        rows = Customer.objects.select_related("tenant")
        found: Customer = self.one(
            rows, customer_id, code="CUSTOMER_NOT_FOUND", message=MISSING
        )
        return found
