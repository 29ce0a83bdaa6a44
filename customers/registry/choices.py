"""The closed lists of §2, in the field's words."""

from django.db import models


class CustomerType(models.TextChoices):
    INDIVIDUAL = "INDIVIDUAL", "Individual"
    GOVERNMENT_ENTITY = "GOVERNMENT_ENTITY", "Government entity"
    PRIVATE_COMPANY = "PRIVATE_COMPANY", "Private company"
    BANK = "BANK", "Bank"
    FINANCIAL_INSTITUTION = "FINANCIAL_INSTITUTION", "Financial institution"
    FOREIGN_AGENCY_OR_SUBSIDIARY = (
        "FOREIGN_AGENCY_OR_SUBSIDIARY",
        "Foreign agency or subsidiary",
    )
    NON_DOMICILED_COMPANY = "NON_DOMICILED_COMPANY", "Non-domiciled company"


class EntityType(models.TextChoices):
    INDIVIDUAL = "individual", "Individual"
    BODY_CORPORATE = "body_corporate", "Body corporate"
    TRUST = "trust", "Trust"
    PARTNERSHIP = "partnership", "Partnership"
    UNINCORPORATED_ASSOCIATION = (
        "unincorporated_association",
        "Unincorporated association",
    )
    REGISTERED_FOREIGN_COMPANY = (
        "registered_foreign_company",
        "Registered foreign company",
    )
    GOVERNMENT_BODY = "government_body", "Government body"


class Status(models.TextChoices):
    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"
    OFFBOARDED = "offboarded", "Offboarded"
    ARCHIVED = "archived", "Archived"


LIVING = (Status.ACTIVE, Status.SUSPENDED)


class KycStatus(models.TextChoices):
    PENDING = "pending", "Pending"
    VERIFIED = "verified", "Verified"
    REJECTED = "rejected", "Rejected"


class KycLevel(models.TextChoices):
    NOT_KYCED = "not_kyced", "None"
    BASIC = "basic", "Basic"
    ADVANCED = "advanced", "Advanced"


class Activity(models.TextChoices):
    INACTIVE = "inactive", "Inactive"
    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"


class Channel(models.TextChoices):
    WEB = "web", "Web"
    MOBILE = "mobile", "Mobile"
    USSD = "ussd", "USSD"
    AGENT = "agent", "Agent"


class Risk(models.TextChoices):
    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"


class SuspensionReason(models.TextChoices):
    DUE_DILIGENCE = "due_diligence", "due diligence is pending"
    KYC_EXPIRED = "kyc_expired", "KYC expired"
    KYC_DEADLINE = "kyc_deadline", "the KYC deadline was missed"
    ADVERSE_VERDICT = "adverse_verdict", "the approval was taken back"
    APPLICANT_RESET = "applicant_reset", "the verification was reset at Sumsub"
    APPLICANT_CLOSED = "applicant_closed", "the applicant was closed at Sumsub"


class DeclineReason(models.TextChoices):
    CUSTOMER_WITHDREW = "customer_withdrew", "the customer withdrew"
    NOT_ELIGIBLE = "not_eligible", "not eligible for our services"
    CANNOT_VERIFY = "cannot_verify", "identity could not be verified"
    DUPLICATE = "duplicate", "registered twice"


class TaskKind(models.TextChoices):
    TRIGGER_REVIEW = "trigger_review", "Review after a change"
    ESCALATION = "escalation", "Answer escalation"
    KYC_DECISION = "kyc_decision", "Decide KYC by hand"
    RISK_REVIEW = "risk_review", "Assess risk again"
    DORMANCY_REVIEW = "dormancy_review", "Review dormancy"
