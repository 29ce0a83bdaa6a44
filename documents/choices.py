"""The closed lists of documents (domain §10), without a table."""

from django.db.models import TextChoices


class Kind(TextChoices):
    ID = "id", "Identity document"
    ADDRESS_PROOF = "address_proof", "Proof of address"
    INCOME_PROOF = "income_proof", "Proof of income"
    BUSINESS_REGISTRATION = "business_registration", "Business registration"
    TRUST_DEED = "trust_deed", "Trust deed"
    OTHER = "other", "Other document"


class IdType(TextChoices):
    PASSPORT = "passport", "Passport"
    NATIONAL_ID = "national_id", "National ID"
    DRIVERS_LICENSE = "drivers_license", "Driving licence"


class Status(TextChoices):
    """Where the bytes are."""

    NEW = "new", "Being stored"
    ACTIVE = "active", "Stored"
    FAILED = "failed", "Not stored"
    ARCHIVED = "archived", "Archived"
    DELETED = "deleted", "Deleted"


class Review(TextChoices):
    PENDING = "pending", "Waits for review"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"


class RejectReason(TextChoices):
    """Why a reviewer refuses a document; the words are what staff choose from."""

    UNREADABLE = "unreadable", "Unreadable"
    WRONG_DOCUMENT = "wrong_document", "Wrong document"
    EXPIRED = "expired", "Expired or too old"
    NOT_THIS_CUSTOMER = "not_this_customer", "Not this customer"
    PAGES_MISSING = "pages_missing", "Pages missing"
    LOOKS_ALTERED = "looks_altered", "Looks altered"
    # Never chosen: the scanner's own.
    MALWARE = "malware", "Malware found"


class Scan(TextChoices):
    OFF = "off", "Not scanned"  # no scanner was configured when it came
    WAITING = "waiting", "Waits for the scanner"
    CLEAN = "clean", "No malware found"
    INFECTED = "infected", "Malware found"


class Source(TextChoices):
    STAFF = "staff", "Uploaded by staff"
    API = "api", "Sent through the API"
    APPLICANT = "applicant", "Shown to Sumsub"


class Deed(TextChoices):
    """What a reader did with the bytes."""

    PREVIEW = "preview", "Looked at"
    DOWNLOAD = "download", "Downloaded"
    DENIED = "denied", "Was refused"
