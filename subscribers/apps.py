"""Events to other systems of the bank: a feed they read, and webhooks we send."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate  # noqa: TID251 - Django offers no other moment after migrate


class SubscribersConfig(AppConfig):
    name = "subscribers"
    verbose_name = "Subscribers"

    def ready(self) -> None:
        # The sweep that sends registers when its module is imported.
        from subscribers.sending import sweep as sweep

        post_migrate.connect(
            _keep_trigger, sender=self, dispatch_uid="subscribers.trigger"
        )


def _keep_trigger(using: str, **_: Any) -> None:
    from subscribers.feed.trigger import keep_trigger

    keep_trigger(using=using)
