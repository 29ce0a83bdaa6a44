"""Publish a StoneThrown as a web process would; print what the commit took."""

import json
import sys
import time

import django

if __name__ == "__main__":
    django.setup()

    from django.db import transaction

    from events.services import publish
    from tenants.services import get_machine
    from tests.killapp.events import StoneThrown

    key, dies, folder = sys.argv[1:]
    by = get_machine("setup")
    started = time.monotonic()
    with transaction.atomic():
        record = publish(
            StoneThrown(key=key, dies=dies, folder=folder), by=by, tenant_id=None
        )
    seconds = time.monotonic() - started
    sys.stdout.write(json.dumps({"event": str(record.pk), "seconds": seconds}))
