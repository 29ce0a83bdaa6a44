"""Addresses of the routes about customers."""

from django.urls import path

from api.customers.deeds import Decline, Dispose, Lookup, Stage
from api.customers.dictionaries import view_of
from api.customers.download import Download
from api.customers.views import Customers, OneCustomer
from customers.registry.models import Dictionary

urlpatterns = [
    path("customer", Customers.as_view(), name="api_customers"),
    # The same with a stroke at its end; described once.
    path("customer/", Customers.as_view(schema=None)),
    path("customer/stage", Stage.as_view(), name="api_stage"),
    path("customer/download", Download.as_view(), name="api_download"),
    path("customer/lookup", Lookup.as_view(), name="api_lookup"),
    *(
        path(f"customer/{name}", view_of(name).as_view(), name=f"api_{name}")
        for name in Dictionary
    ),
    # After the words above: whatever is none of them is taken for a key.
    path("customer/<key:customer_id>", OneCustomer.as_view(), name="api_customer"),
    path("customer/<key:customer_id>/decline", Decline.as_view(), name="api_decline"),
    path("customer/<key:customer_id>/dispose", Dispose.as_view(), name="api_dispose"),
]
