"""The stand-in's addresses below ``/sandbox/sumsub/``."""

from django.urls import path, re_path

from kyc.sandbox import api, pages
from kyc.sandbox.images import api as images_api
from kyc.sandbox.images import pages as images_pages

app_name = "sandbox"

_APPLICANT = "resources/applicants/<str:applicant_id>"
_OURS = r"^resources/applicants/-;externalUserId=(?P<external_user_id>.+)"
_OWNERS = (
    r"^resources/applicants/(?P<company_id>[^/]+)/(?P<place>fixedInfo|info)"
    r"/companyInfo/beneficiaries"
)

urlpatterns = [
    path("", pages.home, name="home"),
    path("websdk/p/<str:token>", pages.websdk, name="websdk"),
    path("review", pages.applicants, name="applicants"),
    path("review/<str:applicant_id>", pages.applicant, name="applicant"),
    path(
        "review/<str:applicant_id>/images/<str:image_id>",
        images_pages.original,
        name="image",
    ),
    path(
        "review/<str:applicant_id>/images/<str:image_id>/preview",
        images_pages.preview,
        name="preview",
    ),
    path("resources/status/api", api.health),
    path("resources/sdkIntegrations/levels/-/websdkLink", api.websdk_link),
    path(
        "resources/sdkIntegrations/levels/<str:level_name>/websdkLink",
        api.websdk_link_old,
    ),
    path("resources/accessTokens/sdk", api.sdk_token),
    path("resources/accessTokens", api.sdk_token),
    path("resources/applicants", api.create),
    re_path(f"{_OURS}/one$", api.one_by_external_id),
    path("resources/applicants/-/byExternalUserId/<path:external_user_id>", api.exists),
    path(f"{_APPLICANT}/one", api.one),
    path(f"{_APPLICANT}/status", api.status),
    path(f"{_APPLICANT}/status/pending", api.request_check),
    path(f"{_APPLICANT}/status/testCompleted", api.test_completed),
    path(f"{_APPLICANT}/reset", api.reset),
    path(f"{_APPLICANT}/moveToLevel", api.move_to_level),
    path(f"{_APPLICANT}/blacklist", api.blocklist),
    re_path(
        r"^resources/applicants/(?P<applicant_id>[^/]+)/presence"
        r"/(?P<wanted>activated|deactivated)$",
        api.presence,
    ),
    re_path(
        r"^resources/applicants/(?P<applicant_id>[^/]+)/-"
        r"/(?P<verb>approve|reject|init)$",
        api.decide,
    ),
    re_path(f"{_OWNERS}$", api.link_beneficiary),
    re_path(f"{_OWNERS}/(?P<link>[^/]+)$", api.unlink_beneficiary),
    path(f"{_APPLICANT}/metadata/resources", images_api.images),
    path(
        "resources/inspections/<str:inspection_id>/resources/<str:image_id>",
        images_api.image,
    ),
]
