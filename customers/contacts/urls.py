"""Addresses that customers open without a login."""

from django.urls import path

from customers.contacts.public import confirm, messages

app_name = "contacts"
urlpatterns = [
    path("sms/", messages, name="messages"),
    path("confirm/<str:token>/", confirm, name="confirm"),
]
