"""Whether the customer holds an account elsewhere, by the names as they are now."""

from common.errors import DomainError
from deposits.linked.choices import NameMatch
from deposits.linked.names import Comparison, compare_names
from deposits.models import LinkedAccount


def compare_holder(row: LinkedAccount) -> Comparison:
    """Compare the holder's name with the customer's as it is now."""
    customer = row.customer
    return compare_names(
        customer.name, row.holder_name, is_person=customer.is_individual
    )


def matching_holder(row: LinkedAccount) -> NameMatch:
    """How the names match. Raises DomainError (NAME_DIFFERS) where they do not."""
    match = compare_holder(row).result
    if match == NameMatch.NONE:
        message = (
            f"{row.holder_name} is not the customer’s name; refuse the account, or"
            " correct whichever name is wrong."
        )
        raise DomainError(message, code="NAME_DIFFERS")
    return match
