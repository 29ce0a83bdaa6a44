"""Run one measurement: `python -m bench NAME`.

Ends with 1 when it could not be made or when what was kept does not add up. A goal
that is missed is a figure like any other.
"""

import json
import sys
from argparse import Namespace
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import django
from django.core.management import call_command
from django.db import connections

from bench import environment
from bench.lab import open_lab, say
from bench.options import parser
from bench.stores import own_database, own_redis


def main() -> int:
    asked = parser().parse_args()
    try:
        result = _measured(asked)
    except environment.UnfitError as error:
        say(str(error))
        return 1
    json.dump(result, sys.stdout, indent=2)
    sys.stdout.write("\n")
    return 0 if result["check"]["is_true"] else 1


def _measured(asked: Namespace) -> dict[str, Any]:
    wanted = {
        "with_keycloak": getattr(asked, "keycloak", False),
        "with_bucket": asked.name == "documents",
    }
    known = environment.load(**wanted)
    with (
        own_database(known["DATABASE_URL"]) as database_url,
        own_redis(known["CELERY_BROKER_URL"]) as broker_url,
        open_lab(asked.name) as lab,
    ):
        environment.load(
            **wanted,
            DATABASE_URL=database_url,
            CELERY_BROKER_URL=broker_url,
        )
        django.setup()
        say("Making the database …")
        call_command("migrate", verbosity=0, stdout=sys.stderr)
        # Only now: its module needs Django's settings.
        measurement = import_module(f"bench.{asked.name}")
        started_at = datetime.now(UTC)
        try:
            found: dict[str, Any] = measurement.measure(lab, asked)
            lab.keeps_logs = not found["check"]["is_true"]
        finally:
            connections.close_all()
    return {
        "name": asked.name,
        "started_at": started_at.isoformat(timespec="seconds"),
        **found,
    }


if __name__ == "__main__":
    sys.exit(main())
