"""Addresses of the API that span the house."""

from django.urls import path

from api.about.urls import urlpatterns as about
from api.accounts.urls import urlpatterns as accounts
from api.customers.urls import urlpatterns as customers
from api.me import Me

urlpatterns = [
    path("me", Me.as_view(), name="api_me"),
    *customers,
    *accounts,
    *about,
]
