"""Addresses of the routes about accounts."""

from django.urls import path

from api.accounts.views import Accounts, OneAccount

urlpatterns = [
    path(
        "customer/<key:customer_id>/account",
        Accounts.as_view(),
        name="api_accounts",
    ),
    path(
        "customer/<key:customer_id>/account/<key:account_id>",
        OneAccount.as_view(),
        name="api_account",
    ),
]
