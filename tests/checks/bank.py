"""Outside checks for the two banks of the tests of separation and of roles."""

from customers.checks.choices import Kind
from customers.checks.services import ask_check, record_answer
from customers.registry.models import Customer
from tenants.models import User


def add_checks(customer: Customer, word: str, officer: User) -> None:
    """An address that waits, and a bureau that answered."""
    ask_check(customer.pk, kind=Kind.ADDRESS, address="home", by=officer)
    bureau = ask_check(customer.pk, kind=Kind.BUREAU, by=officer)
    record_answer(
        bureau.pk, result="adverse", reference=f"{word}-0000077",
        note=f"{word} owes a telephone bill", by=officer,
    )  # fmt: skip
