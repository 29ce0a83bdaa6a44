"""The outbox: facts, and their deliveries to handlers until done."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"

    def ready(self) -> None:
        from django.utils.module_loading import autodiscover_modules

        # Every app's handlers subscribe when their module is imported.
        autodiscover_modules("handlers")
        # The hourly sweep of the nightly jobs registers when it is imported.
        from events import nightly as nightly
