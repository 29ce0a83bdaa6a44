"""The process of one night: seconds, peak of memory and figures, as JSON to a file."""

import json
import sys
from pathlib import Path
from time import perf_counter

import django

if __name__ == "__main__":
    django.setup()

    from bench.sweeper import peak_of_memory
    from events.nightly import run_nightly
    from tenants.models import Tenant

    name, slug, said = sys.argv[1:]
    tenant = Tenant.objects.get(slug=slug)
    begun = perf_counter()
    run = run_nightly(name, tenant)
    seconds = perf_counter() - begun
    found = {
        "seconds": seconds,
        "memory_mb": peak_of_memory() / 1024,
        "figures": run.figures,
    }
    written = Path(said).with_suffix(".part")
    written.write_text(json.dumps(found))
    written.rename(said)  # whoever waits for it reads all of it
