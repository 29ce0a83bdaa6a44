"""The closed lists of linked accounts (domain §16), without a table."""

from django.db.models import TextChoices


class LinkedKind(TextChoices):
    BANK = "bank", "Bank account"
    WALLET = "wallet", "Wallet"


class NumberKind(TextChoices):
    IBAN = "iban", "IBAN"
    ACCOUNT = "account", "Account number"
    PHONE = "phone", "Phone"
    WALLET_ID = "wallet_id", "Wallet id"


# The only one of its kind in the world, whatever the institution is called.
WORLDWIDE = (NumberKind.IBAN, NumberKind.PHONE)


class Way(TextChoices):
    """How it was proven that the account is the customer's."""

    DOCUMENT = "document", "By a document"
    TEST_AMOUNT = "test_amount", "By a test amount"


class NameMatch(TextChoices):
    MATCH = "match", "Match"
    CLOSE = "close", "Close"
    NONE = "none", "No match"


class RefusalReason(TextChoices):
    """Read by the front line, so no word of suspicion stands here."""

    NAME_DIFFERS = "name_differs", "the holder is somebody else"
    NOT_PROVEN = "not_proven", "no sufficient proof"
    AMOUNT_NOT_CONFIRMED = "amount_not_confirmed", "the test amount was not confirmed"
    NOT_REACHABLE = "not_reachable", "closed or not reachable"
    NOT_ACCEPTED = "not_accepted", "not accepted by the bank"
