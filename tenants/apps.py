"""Institutions, their policies and packs, and their staff."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate  # noqa: TID251 - Django offers no other moment after migrate


class TenantsConfig(AppConfig):
    name = "tenants"
    verbose_name = "Institution"

    def ready(self) -> None:
        from tenants import checks as checks
        from tenants.packs import loader

        # A broken pack stops the start-up with one clear line, and no traceback.
        try:
            loader.load_packs()
        except loader.BrokenPackError as error:
            raise SystemExit(str(error)) from None
        post_migrate.connect(_synchronise_roles, dispatch_uid="tenants.roles")
        post_migrate.connect(
            _synchronise_machines, sender=self, dispatch_uid="tenants.machines"
        )


def _synchronise_roles(app_config: AppConfig, using: str, **_: Any) -> None:
    from tenants.roles import synchronise_roles

    synchronise_roles(app_config.label, using=using)


def _synchronise_machines(using: str, **_: Any) -> None:
    from tenants.services import synchronise_machines

    synchronise_machines(using=using)
