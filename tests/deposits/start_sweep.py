"""The sweep that test_sweep_kill.py starts in a process of its own, and kills."""

import sys

import django

if __name__ == "__main__":
    django.setup()

    from deposits.activity.sweeping import sweep_tenant
    from tenants.models import Tenant
    from tests.deposits.sweeps import DAY

    slug, batch = sys.argv[1:]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sweep_tenant(Tenant.objects.get(slug=slug), DAY, batch=int(batch))
