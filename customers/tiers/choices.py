"""What can be evidence of a customer (domain §8), without a table."""

from django.db.models import TextChoices


class EvidenceKind(TextChoices):
    PHONE_VERIFIED = "phone_verified", "Verified phone"
    EMAIL_VERIFIED = "email_verified", "Verified e-mail"
    ID_DOCUMENT = "id_document", "Identity document"
    ADDRESS_DOCUMENT = "address_document", "Proof of address"
    INCOME_PROOF = "income_proof", "Proof of income"
    BUSINESS_REGISTRATION = "business_registration", "Business registration"
    KYC_VERIFIED = "kyc_verified", "Verified identity"
    OWNERS_VERIFIED = "owners_verified", "Every beneficial owner verified"
