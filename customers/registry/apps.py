"""The registry of customers."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "customers.registry"
    label = "registry"
    verbose_name = "Customers"
