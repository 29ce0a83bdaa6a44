"""Every address of the house."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularJSONAPIView

from api.docs import docs
from config.health import live, ready
from config.observing.scrape import metrics
from documents.downloads import stored_file
from kyc.webhooks import receive_callback

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("health/live", live),
    path("health/ready", ready),
    path("metrics", metrics, name="metrics"),
    path("webhooks/sumsub", receive_callback),
    path("api/schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    path("api/docs/", admin.site.admin_view(docs), name="api_docs"),
    path("api/v1/", include("api.urls")),
    path("api/v1/", include("documents.api.urls")),
    path("api/v1/", include("subscribers.urls")),
    path("files/<str:token>", stored_file, name="stored_file"),
    path("contacts/", include("customers.contacts.urls")),
    path("admin/", admin.site.urls),
    path("portal/", include("onboarding.urls")),
]
if settings.SUMSUB_SANDBOX:
    urlpatterns.append(path("sandbox/sumsub/", include("kyc.sandbox.urls")))
if settings.STAFF_OIDC_ISSUER:
    urlpatterns.append(path("oidc/", include("mozilla_django_oidc.urls")))
