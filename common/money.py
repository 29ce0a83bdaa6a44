"""Money is a Decimal with an ISO 4217 code, never a float."""

from decimal import ROUND_HALF_EVEN, Decimal

# Minor digits that are not two (ISO 4217, table A.1).
_MINOR_DIGITS = {
    "BHD": 3, "CLP": 0, "IQD": 3, "ISK": 0, "JOD": 3, "JPY": 0, "KRW": 0, "KWD": 3,
    "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3, "UGX": 0, "VND": 0, "XAF": 0, "XOF": 0,
}  # fmt: skip
CURRENCIES = frozenset(_MINOR_DIGITS) | {
    "AED", "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "GHS", "HKD",
    "HUF", "IDR", "ILS", "INR", "KES", "MXN", "MYR", "NGN", "NOK", "NZD", "PHP", "PLN",
    "RON", "SAR", "SEK", "SGD", "THB", "TRY", "TZS", "UAH", "USD", "ZAR", "ZMW",
}  # fmt: skip


def minor_digits(currency: str) -> int:
    """How many digits stand behind the point in `currency`."""
    return _MINOR_DIGITS.get(currency, 2)


def quantize(amount: Decimal, currency: str) -> Decimal:
    """Round to the currency's minor unit, half to even."""
    exponent = Decimal(1).scaleb(-minor_digits(currency))
    return amount.quantize(exponent, rounding=ROUND_HALF_EVEN)


def format_money(amount: Decimal, currency: str) -> str:
    """Write `12,000.00 USD`."""
    return f"{quantize(amount, currency):,} {currency}"
