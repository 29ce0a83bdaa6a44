"""The HTTP API: who asks, what they may, and every answer in one shape."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"
    verbose_name = "API"

    def ready(self) -> None:
        from api.answers.idempotency import answer_once
        from common.api import keep_with

        keep_with(answer_once)
        # Names of our authentications, for the description of the routes.
        from api import description as description
