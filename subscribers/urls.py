"""Addresses of the API about events."""

from django.urls import path

from subscribers.api import Events

urlpatterns = [path("events", Events.as_view(), name="api_events")]
