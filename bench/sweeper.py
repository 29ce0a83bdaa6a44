"""The process that sweeps: it writes its seconds and its peak of memory to a file."""

import sys
from pathlib import Path
from time import perf_counter

import django


def peak_of_memory() -> int:
    """Kilobytes, as the kernel counts what was resident at most."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    return 0


if __name__ == "__main__":
    django.setup()

    from deposits.activity.sweeping import sweep_tenant
    from tenants.models import Tenant

    begun = perf_counter()
    sweep_tenant(Tenant.objects.get(slug="bench"))
    seconds = perf_counter() - begun
    Path(sys.argv[1]).write_text(f"{seconds:.3f} {peak_of_memory()}\n")
