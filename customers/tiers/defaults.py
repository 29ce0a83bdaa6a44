"""With which tiers and channel rules an institution begins (domain §8)."""

from decimal import Decimal
from typing import Any

from customers.registry.choices import Channel

TIERS: tuple[dict[str, Any], ...] = (
    {
        "number": 1,
        "name": "Basic",
        "max_balance": Decimal(10_000),
        "max_transaction": Decimal(5_000),
        "access": "USSD, mobile (limited)",
        "features": "P2P transfer, basic bill payment",
    },
    {
        "number": 2,
        "name": "Standard",
        "max_balance": Decimal(50_000),
        "max_transaction": Decimal(25_000),
        "access": "Mobile, USSD, web",
        "features": "All P2P, merchant, basic loans",
    },
    {
        "number": 3,
        "name": "Premium",
        "max_balance": Decimal(500_000),
        "max_transaction": Decimal(250_000),
        "access": "All channels, priority support",
        "features": "Loans, business accounts",
    },
    {
        "number": 4,
        "name": "Business",
        "max_balance": None,
        "max_transaction": None,
        "access": "Business dashboard",
        "features": "Batch payments, API access, reporting",
    },
)
CHANNELS: tuple[dict[str, Any], ...] = (
    {"channel": Channel.WEB, "kyc_within_days": 0, "needs_email": True},
    {"channel": Channel.MOBILE, "kyc_within_days": 7},
    {"channel": Channel.USSD, "kyc_within_days": 30},
    {"channel": Channel.AGENT, "kyc_within_days": 1},
)
