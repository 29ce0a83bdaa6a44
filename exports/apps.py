"""Exports of lists."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "exports"
    verbose_name = "Exports"

    def ready(self) -> None:
        # The button above the lists registers when the module is imported.
        from exports import button as button
