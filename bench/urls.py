"""The house's addresses, and in front of them the views it is compared with."""

from django.conf import settings
from django.urls import include, path

from bench import views
from config.urls import urlpatterns as addresses_of_the_house

# Below /webhooks/, so that the middleware treats them as it treats the real one. First,
# so that the comparison flatters the other side rather than ours.
urlpatterns = [
    path("webhooks/bench/noop", views.answer_only),
    path("webhooks/bench/insert", views.insert_row),
    path("webhooks/bench/chain", views.begin_chain),
    *addresses_of_the_house,
]
if settings.SUMSUB_SANDBOX:
    # With DEBUG off no process starts that is told to ask an address of /sandbox/.
    urlpatterns.append(path("standin/", include("kyc.sandbox.urls")))
