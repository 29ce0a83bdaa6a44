"""Addresses of the API that span the house."""

from django.urls import path

from api.me import Me

urlpatterns = [path("me", Me.as_view(), name="api_me")]
