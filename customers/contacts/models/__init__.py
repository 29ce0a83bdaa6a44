"""A customer's contacts, how to write to them, challenges, and messages of ours."""

from customers.contacts.models.challenge import Challenge, place_index
from customers.contacts.models.contact import (
    MODELS,
    Address,
    Contact,
    Email,
    Phone,
    Preference,
    contacts_of,
)
from customers.contacts.models.message import Message

__all__ = [
    "MODELS", "Address", "Challenge", "Contact", "Email", "Message", "Phone",
    "Preference", "contacts_of", "place_index",
]  # fmt: skip
