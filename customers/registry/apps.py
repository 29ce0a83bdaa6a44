"""The registry of customers."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "customers.registry"
    label = "registry"
    verbose_name = "Customers"

    def ready(self) -> None:
        from customers.registry.profile.panel import pin_panel

        pin_panel()
