"""Make the demo bank, once; print the logins."""

import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.demo.callers import let_callers_in
from config.demo.checks import check_outside
from config.demo.exports import export_customers
from config.demo.holdings import count_engagement
from config.demo.house import open_house
from config.demo.people import BANKS, CUSTOMERS, STAFF
from config.demo.quality import check_demo_data
from config.demo.stories import Story, demo_id, post_stray_callback
from customers.registry.models import Customer
from tenants.models import Tenant, User
from tenants.services import create_tenant, get_machine, register_staff


class Command(BaseCommand):
    help = (
        "Make the demo bank: two tenants, a login per role, customers in every state."
    )

    def handle(self, *_: Any, **__: Any) -> None:
        if not (settings.DEBUG and settings.SUMSUB_SANDBOX):
            raise CommandError("The demo needs DEBUG on and the Sumsub sandbox.")
        tenants = {slug: self._tenant(slug) for slug in BANKS}
        password = self._staff(tenants)
        self._customers(tenants)
        self._say(password)

    def _tenant(self, slug: str) -> Tenant:
        known = Tenant.objects.filter(slug=slug).first()
        return known or create_tenant(slug=slug, by=get_machine("setup"), **BANKS[slug])

    def _staff(self, tenants: dict[str, Tenant]) -> str:
        """Returns the password when somebody was given it just now, else ""."""
        chosen = settings.DEMO_PASSWORD
        password = chosen or secrets.token_urlsafe(12)
        is_new = False
        for slug, tenant in tenants.items():
            for role, name in STAFF.items():
                email = f"{role}@{slug}.example"
                user = User.objects.filter(username=email).first()
                if user is None:
                    is_new = True
                    register_staff(
                        tenant=tenant, email=email, name=name, roles=[role],
                        by=get_machine("setup"), password=password,
                    )  # fmt: skip
                elif chosen and not user.check_password(chosen):
                    is_new = True
                    user.set_password(chosen)
                    user.save(update_fields=["password"])
        return password if is_new else ""

    def _customers(self, tenants: dict[str, Tenant]) -> None:
        known = set(Customer.objects.values_list("pk", flat=True))
        missing = [person for person in CUSTOMERS if demo_id(person) not in known]
        if not missing:
            return
        with open_house():
            for person in missing:
                bank = person.bank
                Story(
                    person,
                    tenants[bank],
                    clerk=User.objects.get(username=f"client_facing@{bank}.example"),
                    officer=User.objects.get(
                        username=f"compliance_officer@{bank}.example"
                    ),
                ).tell()
                self.stdout.write(
                    f"  {person.name}: {person.chapter.replace('_', ' ')}"
                )
            if not known:
                post_stray_callback()
        self._first_night(tenants["demo"])

    def _first_night(self, tenant: Tenant) -> None:
        """What nights work out stands there from the first morning."""
        check_demo_data(
            tenant, clerk=User.objects.get(username="client_facing@demo.example")
        )
        count_engagement(tenant)
        officer = User.objects.get(username="compliance_officer@demo.example")
        check_outside(tenant, officer=officer)
        export_customers(officer)
        let_callers_in(tenant, by=officer)

    def _say(self, password: str) -> None:
        self.stdout.write(f"\nVestibule demo bank: {settings.PUBLIC_URL}/")
        self.stdout.write(f"The stand-in for Sumsub: {settings.SUMSUB_BASE_URL}/")
        for slug in BANKS:
            logins = ", ".join(f"{role}@{slug}.example" for role in STAFF)
            self.stdout.write(f"{BANKS[slug]['name']}: {logins}")
        said = password or "as chosen at the first start (DEMO_PASSWORD changes it)"
        self.stdout.write(f"Password of all of them: {said}\n")
