"""A run of the activity sweep for the two banks of the tests."""

from customers.registry.models import Customer
from deposits.activity.report import Report
from deposits.activity.rule import Rule
from deposits.activity.runs import take_run


def add_sweep_run(customer: Customer) -> None:
    """It found one example, and one customer whom it could not change."""
    tenant, number = customer.tenant, customer.public_id
    held = take_run(tenant, Rule.of(tenant))
    example = {
        "customer": number,
        "from": "active",
        "to": "inactive",
        "last_on": tenant.today.isoformat(),
    }
    failed = {"customer": number, "error": "lock timeout"}
    held.record(Report(examples=[example], errors=[failed], error_count=1), cursor=None)
    held.finish()
