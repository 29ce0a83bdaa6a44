"""An app whose handler is slow enough to be killed in the middle."""

from django.apps import AppConfig


class KillAppConfig(AppConfig):
    name = "tests.killapp"
