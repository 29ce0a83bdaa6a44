"""Commands beside those on contacts, and what they share."""
