"""A customer's contacts, how to write to them, challenges, and messages of ours."""

from customers.contacts.models.contact import (
    MODELS,
    Address,
    Challenge,
    Contact,
    Email,
    Phone,
    Preference,
    contacts_of,
)
from customers.contacts.models.message import Message

__all__ = [
    "MODELS", "Address", "Challenge", "Contact", "Email", "Message", "Phone",
    "Preference", "contacts_of",
]  # fmt: skip
