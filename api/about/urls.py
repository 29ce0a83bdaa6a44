"""Addresses of the routes beyond the 24."""

from django.urls import path

from api.about.contacts import (
    Confirmation,
    Contacts,
    OneContact,
    Primary,
    Verification,
)
from api.about.eligibility import Eligibility
from api.about.holdings import Holdings, OneHolding
from api.about.kyc import Attempts, Kyc, Start
from api.about.profile import OfProfile
from api.about.standing import Activity, Consents, OfCompleteness, Tier, Timeline

ONE = "customer/<key:customer_id>"
CONTACT = f"{ONE}/contacts/<str:kind>/<key:contact_id>"
urlpatterns = [
    path(f"{ONE}/eligibility", Eligibility.as_view(), name="api_eligibility"),
    path(f"{ONE}/tier", Tier.as_view(), name="api_tier"),
    path(f"{ONE}/completeness", OfCompleteness.as_view(), name="api_completeness"),
    path(f"{ONE}/profile", OfProfile.as_view(), name="api_profile"),
    path(f"{ONE}/consents", Consents.as_view(), name="api_consents"),
    path(f"{ONE}/activity", Activity.as_view(), name="api_activity"),
    path(f"{ONE}/timeline", Timeline.as_view(), name="api_timeline"),
    path(f"{ONE}/holdings", Holdings.as_view(), name="api_holdings"),
    path(
        f"{ONE}/holdings/<str:kind>/<path:reference>",
        OneHolding.as_view(),
        name="api_holding",
    ),
    path(f"{ONE}/kyc", Kyc.as_view(), name="api_kyc"),
    path(f"{ONE}/kyc/attempts", Attempts.as_view(), name="api_kyc_attempts"),
    path(f"{ONE}/kyc/start", Start.as_view(), name="api_kyc_start"),
    path(f"{ONE}/contacts", Contacts.as_view(), name="api_contacts"),
    path(CONTACT, OneContact.as_view(), name="api_contact"),
    path(f"{CONTACT}/primary", Primary.as_view(), name="api_contact_primary"),
    path(f"{CONTACT}/verification", Verification.as_view(), name="api_contact_verify"),
    path(
        f"{ONE}/contacts/phone/<key:contact_id>/confirmation",
        Confirmation.as_view(),
        name="api_contact_confirm",
    ),
]
